package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/app"
	"weixiao/internal/form"
	"weixiao/internal/store"
	"weixiao/internal/words"
)

func keyUsage() error {
	fmt.Fprintf(os.Stderr, `usage: weixiao key issue [--scope NAME[,NAME]] [--until 2027-12-31] [options] CLIENT
           make the key of a program, in the place of the one it has; it is printed once and only its digest is kept.
           scopes: %s; without --until it is good for a year
       weixiao key list [options]
           client, state, scopes, issued, good until, last used, one key a line
       weixiao key revoke [options] CLIENT
           end the key of a program
`, strings.Join(access.KeyScopes(), ", "))
	return errUsage
}

func runKey(ctx context.Context, args []string, out io.Writer) (err error) {
	if len(args) == 0 {
		return keyUsage()
	}
	what := args[0]
	fset, cfg := flags("key " + what)
	scopes := fset.String("scope", "", "what the key opens, separated by commas")
	until := fset.String("until", "", "the last day it is good, such as 2027-12-31")
	a, err := open(ctx, fset, cfg, args[1:], nil, app.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	sc := access.SystemScope(a.Pack.District, "keys of programs, on the command line")
	switch {
	case what == "list" && fset.NArg() == 0:
		return listKeys(ctx, a, sc, out)
	case what == "revoke" && fset.NArg() == 1:
		err := a.DB.Write(ctx, func(tx *store.Tx) error { return a.Gate.DisableKey(tx, sc, fset.Arg(0), a.Clock()) })
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("%s has no key that is good; weixiao key list says who has", fset.Arg(0))
		}
		return err
	case what == "issue" && fset.NArg() == 1:
		n := access.NewKey{Client: fset.Arg(0), Scopes: strings.FieldsFunc(*scopes, func(r rune) bool { return r == ',' || r == ' ' }), Expires: a.Clock().AddDate(1, 0, 0)}
		if *until != "" {
			last, err := time.ParseInLocation(time.DateOnly, *until, words.Zone())
			if err != nil {
				return fmt.Errorf("--until %s is no day; write 2027-12-31", *until)
			}
			n.Expires = last.AddDate(0, 0, 1)
		}
		var key string
		err := a.DB.Write(ctx, func(tx *store.Tx) (err error) {
			key, err = a.Gate.IssueKey(tx, sc, n, a.Clock())
			return err
		})
		if f, ok := errors.AsType[form.Faults](err); ok {
			return keyFault(f)
		}
		if err == nil {
			fmt.Fprintln(out, key)
		}
		return err
	}
	return keyUsage()
}

// keyFault says what to write instead.
func keyFault(f form.Faults) error {
	switch f[0].Field {
	case "client":
		return errors.New("the name of a program has 2 to 31 lower-case letters, digits and hyphens, such as weather-jl")
	case "scopes":
		return fmt.Errorf("--scope names what the key opens, one or more of %s", strings.Join(access.KeyScopes(), ", "))
	}
	return errors.New("--until must be a day after today and within three years")
}

func listKeys(ctx context.Context, a *app.App, sc access.Scope, out io.Writer) error {
	list, err := store.Get(ctx, a.DB, func(tx *store.Tx) ([]access.APIKey, error) { return a.Gate.ListKeys(tx, sc) })
	if err != nil {
		return err
	}
	day := func(t time.Time, none string) string {
		if t.IsZero() {
			return none
		}
		return t.In(words.Zone()).Format("2006-01-02T15:04")
	}
	for _, k := range list {
		state := "good"
		if !k.Good(a.Clock()) {
			state = "ended"
		}
		fmt.Fprintln(out, k.Client, state, strings.Join(k.Scopes, ","), day(k.Created, "-"), day(k.Expires, "never"), day(k.Used, "never"))
	}
	return nil
}
