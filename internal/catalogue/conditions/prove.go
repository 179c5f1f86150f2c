package conditions

import (
	"errors"

	"weixiao/internal/form"
	"weixiao/internal/words"
)

// ExpressionError is what is wrong with an expression of a clause, in both languages.
type ExpressionError struct {
	Field string // who, amount
	Err   *Error
}

func (e *ExpressionError) Error() string { return "conditions: " + e.Field + ": " + e.Err.EN }

// In says what is wrong and what to write instead.
func (e *ExpressionError) In(l words.Lang) string {
	if l == words.EN {
		return e.Err.EN
	}
	return e.Err.ZH
}

// Unwrap makes it a fault of its field, for doors that know nothing more.
func (e *ExpressionError) Unwrap() error {
	return form.Faults{{Field: e.Field, Code: "expression"}}
}

// Prove checks the expressions of a clause; the error is an *ExpressionError. A condition that holds for nobody, or for
// everybody without saying so (true), is a slip.
func Prove(who, amount string) error {
	bad := func(field, zh, en string) error { return &ExpressionError{field, &Error{ZH: zh, EN: en}} }
	c, err := Compile(who)
	if e, ok := errors.AsType[*Error](err); ok {
		return &ExpressionError{"who", e}
	} else if err != nil {
		return err
	}
	x := c.Examine()
	switch {
	case x.Never():
		return bad("who", "没有企业能同时满足这些条件，请检查数字和“并且”", "no firm can meet these conditions at once; check the numbers and each and")
	case x.Always() && len(c.Facts()) > 0:
		return bad("who", "这个条件对任何企业都成立；如果是所有企业都可以，请直接写 true", "every firm meets this condition; if it is meant for all, write true")
	}
	a, err := CompileAmount(amount)
	if e, ok := errors.AsType[*Error](err); ok {
		return &ExpressionError{"amount", e}
	} else if err != nil {
		return err
	}
	if fen, fixed := a.Fixed(); fixed && fen <= 0 {
		return bad("amount", "金额应大于零，例如 20 * wan（20 万元）", "the amount must be more than nothing, such as 20 * wan")
	}
	return nil
}
