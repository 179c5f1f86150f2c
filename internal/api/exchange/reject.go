package exchange

import (
	"os"
	"path/filepath"
	"strings"

	"weixiao/internal/files/sheet"
)

// reject writes the bad rows beside the file and returns the copy's name.
func (t *table) reject(name string, bad []row) (string, error) {
	list := make([]sheet.Bad, len(bad))
	for i, r := range bad {
		list[i] = sheet.Bad{Line: r.line, Reason: r.reason}
	}
	body, err := t.Reject(list)
	if err != nil {
		return "", err
	}
	to := strings.TrimSuffix(name, filepath.Ext(name)) + "-rejected" + t.Ending()
	return to, keep(to, body)
}

// keep writes a file that only its owner reads, and waits until it is on disk.
func keep(name string, body []byte) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Write(body); err != nil {
		return err
	}
	return f.Sync()
}
