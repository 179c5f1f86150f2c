package simulate

import (
	"math/rand/v2"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/form"
	"weixiao/internal/rounds"
	"weixiao/internal/store"
)

// saidOfWeeks is what leaders write when they look at the rounds of a week, if they write anything.
var saidOfWeeks = []string{"楼道堆物反复出现，下周和物业一起清", "路灯的问题都有人接，盯到修好", "老人多的楼栋雪后先看", "没有要补的，照常", "井盖松动两处，已约住建来看"}

// lookBack lets the secretaries of communities look at the last week's rounds of their grids, on its Friday; some have not
// come to it yet, and most have nothing to add.
func (y *year) lookBack() {
	if y.w.Rounds == nil {
		return
	}
	r := rand.New(rand.NewPCG(y.o.Seed, 0x7765656b))
	monday := rounds.WeekOf(Present)
	for _, s := range y.hosts() {
		who, ok := y.staff.one(r, s.unit.ID, access.Community)
		if !ok {
			continue
		}
		at := monday.AddDate(0, 0, 4).Add(11*time.Hour + mins(r, 0, 150))
		for _, g := range y.w.Pack.Directory.Grids(s.unit.ID) {
			if at = at.Add(mins(r, 1, 4)); chance(r, 0.35) {
				continue
			}
			in := rounds.Input{Raw: form.Raw{}, At: at}
			if chance(r, 0.3) {
				in.Raw["words"] = []string{pick(r, saidOfWeeks)}
			}
			place := g.ID
			y.at(at, func(b *cases.Batch) error {
				return b.In(func(tx *store.Tx) error { return y.w.Rounds.ReviewIn(tx, who, monday.Format(time.DateOnly), place, in) })
			})
		}
	}
}
