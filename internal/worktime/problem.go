package worktime

import (
	"errors"
	"fmt"
)

// Problem is what is wrong with a calendar or a notice, in words for the clerk who
// wrote it: what it is and what to do. As an error it speaks English.
type Problem struct{ ZH, EN string }

func (p *Problem) Error() string { return p.EN }

// Chinese are the Chinese words of an error of this package; of another one what
// it says.
func Chinese(err error) string {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p.ZH
	}
	return err.Error()
}

// problem formats both languages with the same arguments.
func problem(en, zh string, args ...any) error {
	return &Problem{ZH: fmt.Sprintf(zh, args...), EN: fmt.Sprintf(en, args...)}
}

// within says where a problem lies.
func within(err error, en, zh string, args ...any) error {
	return &Problem{ZH: fmt.Sprintf(zh, args...) + "：" + Chinese(err), EN: fmt.Sprintf(en, args...) + ": " + err.Error()}
}
