package enterprise

import (
	"context"
	"errors"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory/firms"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/worktime"
)

// InvitationTime is how long a firm has to use its code.
const InvitationTime = 7 * 24 * time.Hour

// Invitation is a code that a unit gave to a firm once, so that it can make its account itself. The code is nowhere.
type Invitation struct {
	record.Head
	Firm    string `json:"firm"`
	Name    string `json:"name"`
	Unit    string `json:"unit,omitempty"` // of the firm
	By      string `json:"by"`             // unit that invited
	Until   int64  `json:"until"`          // µs UTC
	Account string `json:"account,omitempty"`
}

// InvitationTable says who may invite a firm. An account is made by who knows the code.
var InvitationTable = flow.Table{
	Kind:   "firm_invitation",
	States: []flow.State{{Name: "open", Chip: "new"}, {Name: "used", Chip: "done", End: true}, {Name: "withdrawn", Chip: "closed", End: true}},
	Actions: []flow.Action{
		{Name: "invite", To: "open", Who: keepers(), Form: form.Form{Name: "firm_invite"}},
		{Name: "use", From: []string{"open"}, To: "used", Who: []flow.Grant{{Role: access.System}}, Form: form.Form{Name: "firm_join"}},
		{Name: "withdraw", From: []string{"open"}, To: "withdrawn", Who: append(keepers(), flow.Grant{Role: access.System}), Form: form.Form{Name: "firm_uninvite"}},
	},
}

func (s *Enterprise) zone() *time.Location { return worktime.Zone }

func (s *Enterprise) invited(st *record.Step[Invitation, *Invitation]) error {
	st.X.By, st.X.Until = st.Scope.Unit(), st.At.Add(InvitationTime).UnixMicro()
	return nil
}

func purpose(firm string) string { return "firm:" + firm }

func (s *Enterprise) program(why string) access.Scope { return access.SystemScope(s.o.District, why) }

// Invite makes a code with which a firm makes its account, good once for InvitationTime; an earlier one ends. The code is
// returned here and never again.
func (s *Enterprise) Invite(ctx context.Context, sc access.Scope, code string, in record.Input) (secret string, x *Invitation, err error) {
	sys := s.program("a unit invites a firm")
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		f, err := s.firm(tx, sc, code)
		if err != nil {
			return err
		}
		if f.State != firms.Active {
			return record.Refuse("firm.closed")
		}
		if err := s.invites.Each(tx, record.Filter{Of: code, State: "open"}, func(old *Invitation) error {
			_, err := s.invites.ActIn(tx, sys, old.ID, "withdraw", record.Input{At: in.At})
			return err
		}); err != nil {
			return err
		}
		if x, err = s.invites.OpenIn(tx, sc, "invite", in, func(v *Invitation) { v.Firm, v.Name, v.Unit = f.ID, f.Name, f.Unit }); err != nil {
			return err
		}
		secret, err = access.IssueCode(tx, sys, purpose(code), InvitationTime, time.UnixMicro(x.Created))
		return err
	})
	return secret, x, err
}

// Withdraw ends an invitation that was not used: its code is good for nothing any more.
func (s *Enterprise) Withdraw(ctx context.Context, sc access.Scope, id string, in record.Input) error {
	return s.db.Write(ctx, func(tx *store.Tx) error {
		x, err := s.invites.ActIn(tx, sc, id, "withdraw", in)
		if err != nil {
			return err
		}
		// A code nobody is told takes its place.
		_, err = access.IssueCode(tx, s.program("an invitation is withdrawn"), purpose(x.Firm), time.Second, time.UnixMicro(x.Changed).Add(-time.Minute))
		return err
	})
}

// Newcomer is somebody who makes the account of a firm.
type Newcomer struct {
	Code     string // of the firm
	Secret   string // of the invitation
	Login    string
	Name     string      // of the person
	Password access.Hash // chosen by the person
	At       time.Time   // zero: now
}

// Join makes the account of a firm by the code that a unit gave it, once. Errors: *firms.CodeError, access.ErrCode,
// form.Faults. Doors count wrong codes with the limit "code.client" around JoinIn.
func (s *Enterprise) Join(ctx context.Context, n Newcomer) (a access.Account, err error) {
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		a, err = s.JoinIn(tx, n)
		return err
	})
	return a, err
}

// JoinIn is Join in a transaction, which must end without effect when it fails.
func (s *Enterprise) JoinIn(tx *store.Tx, n Newcomer) (a access.Account, err error) {
	code, err := firms.CheckCode(n.Code)
	if err != nil {
		return a, err
	}
	if n.At.IsZero() {
		n.At = s.o.Clock()
	}
	sys := s.program("a firm makes its account")
	f, err := s.o.Firms.GetIn(tx, code)
	if errors.Is(err, store.ErrNotFound) {
		return a, access.ErrCode // who has no code learns nothing of the register
	} else if err != nil {
		return a, err
	}
	if err := access.UseCode(tx, sys, purpose(code), n.Secret, n.At); err != nil {
		return a, err
	}
	if f.State != firms.Active {
		return a, access.ErrCode
	}
	a, err = s.o.Gate().Create(tx, sys, access.NewAccount{Login: n.Login, Name: n.Name, Unit: code, Roles: []string{access.Firm}, Password: n.Password, Lasting: true, Reason: "invited"}, n.At)
	if err != nil {
		return a, err
	}
	return a, s.invites.Each(tx, record.Filter{Of: code, State: "open"}, func(x *Invitation) error {
		_, err := s.invites.ActIn(tx, sys, x.ID, "use", record.Input{At: n.At, With: a.ID})
		return err
	})
}
