package web

import (
	"time"

	"weixiao/internal/access"
)

// Remark is a complaint about the field workers' app, in words.
type Remark struct {
	About, Who  string
	Chip, State string // what became of it
	At          time.Time
	Href        string
}

// RemarkReaders are the roles that read complaints about the app: the supervision office, which answers, and the auditor.
func RemarkReaders() []string { return []string{access.Supervisor, access.Auditor} }
