package web

import (
	"slices"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/pack"
	"weixiao/internal/record"
	"weixiao/internal/store"
	"weixiao/internal/vault"
)

// NewExpress wires the express line with what it needs of cases and accounts; nil when the pack has none. gate is asked
// when it is there.
func NewExpress(db *store.DB, e *record.Engine, c *cases.Cases, p *pack.Pack, v *vault.Vault, gate func() *access.Gate, clock func() time.Time) *express.Express {
	return express.New(db, e, express.Options{Pack: p, Vault: v, Clock: clock, Secret: c.Secret,
		File: func(tx *store.Tx, sc access.Scope, r express.Request) (string, error) {
			return fileCase(c, tx, sc, cases.Report{Channel: "express", Body: r.Words, Person: r.Person, At: r.At}, r.At)
		},
		Staff: func(tx *store.Tx, unit string, roles ...string) (out []express.Colleague, err error) {
			sc := access.SystemScope(p.District, "who can be named to handle a letter")
			for after := ""; ; {
				page, next, err := gate().List(tx, sc, access.Filter{Unit: unit, After: after, Limit: 200})
				if err != nil {
					return nil, err
				}
				for _, a := range page {
					if slices.ContainsFunc(a.Roles, func(r string) bool { return slices.Contains(roles, r) }) {
						out = append(out, express.Colleague{ID: a.ID, Unit: a.Unit})
					}
				}
				if after = next; next == "" {
					return out, nil
				}
			}
		}})
}
