package desk

import (
	"errors"
	"io"
	"net/http"

	"weixiao/internal/files"
	"weixiao/internal/web/ui"
)

// heldName is the field that carries the token of a file that was uploaded before.
const heldName = "_held"

// heldFile is a file that an import page works on: chosen now, or held since it was
// checked.
type heldFile struct {
	Name  string
	Token string // "" while it is not held
	body  []byte
}

// errNoFile means that no file was chosen and none is held; errHeldGone that the one
// that was held is gone.
var (
	errNoFile   = errors.New("desk: no file was chosen")
	errHeldGone = errors.New("desk: the file is no longer held")
)

// takeFile reads the file of a form that was parsed. A file chosen now is held, so that
// the next step need not ask for it again.
func (f *frame) takeFile(r *http.Request) (*heldFile, error) {
	now, owner := f.d.s.Clock(), f.sc.Account()
	if r.MultipartForm != nil && len(r.MultipartForm.File["file"]) > 0 {
		head := r.MultipartForm.File["file"][0]
		file, err := head.Open()
		if err != nil {
			return nil, err
		}
		defer file.Close()
		b, err := io.ReadAll(file)
		if err != nil {
			return nil, err
		}
		h := &heldFile{Name: head.Filename, body: b}
		// A full disk must not keep anybody from importing: the file is chosen again then.
		h.Token, _ = f.d.s.Files.Hold(owner, h.Name, b, now)
		return h, nil
	}
	token := r.PostFormValue(heldName)
	if token == "" {
		return nil, errNoFile
	}
	name, b, err := f.d.s.Files.Held(owner, token, now)
	if errors.Is(err, files.ErrGone) {
		return nil, errHeldGone
	}
	return &heldFile{name, token, b}, err
}

// giveBack forgets a file that was taken in.
func (f *frame) giveBack(h *heldFile) {
	if h != nil && h.Token != "" {
		_ = f.d.s.Files.Release(f.sc.Account(), h.Token) // what is left goes within the hour
	}
}

// fileProblem is the key of the words for a file that is not there, "" for other errors.
func fileProblem(err error) string {
	switch {
	case errors.Is(err, errNoFile):
		return "desk.load.nofile"
	case errors.Is(err, errHeldGone):
		return "desk.load.gone"
	}
	return ""
}

// hidden is the field that brings the file back.
func (h *heldFile) hidden() []ui.Hidden {
	if h == nil || h.Token == "" {
		return nil
	}
	return []ui.Hidden{{Name: heldName, Value: h.Token}}
}
