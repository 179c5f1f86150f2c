package posts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"weixiao/internal/notify"
	"weixiao/internal/store"
)

// told remembers what this node has looked at, so that most looks cost nothing.
type told struct {
	seq  int64
	next time.Time
	done map[string]string // by unit: what it was told last
}

// lookEvery is how often vacancies are looked at when nothing has changed.
const lookEvery = time.Hour

// tell sends a unit one message when posts of it have been vacant too long, and another only when that list changes.
// Two nodes send the same message: it has the same id, and is kept once.
func (p *Posts) tell(ctx context.Context, was *told) error {
	b, now := p.Board(), p.o.Clock()
	if was.done != nil && b.seq == was.seq && now.Before(was.next) {
		return nil
	}
	due := b.Overdue(now.UnixMicro())
	next := map[string]string{}
	var send []notify.Message
	for _, unit := range slices.Sorted(maps.Keys(due)) {
		list := due[unit]
		sum := sha256.New()
		for _, v := range list {
			fmt.Fprintf(sum, "%s %d\n", v.Post.ID, v.Since)
		}
		id := "vacant-" + unit + "-" + hex.EncodeToString(sum.Sum(nil)[:8])
		if next[unit] = id; was.done[unit] == id {
			continue
		}
		args := map[string]string{"n": strconv.Itoa(len(list)), "post": list[0].Post.Title, "post@en": list[0].Post.TitleIn(true), "days": strconv.Itoa(list[0].Post.Kind.Vacant)}
		send = append(send, notify.Message{District: p.o.District, ID: id, Channel: notify.ToUnit, Receiver: unit, Subject: unit, Template: "vacant", Args: args})
	}
	if len(send) > 0 {
		err := p.db.Write(store.Behind(ctx), func(tx *store.Tx) error {
			for _, m := range send {
				if err := notify.Queue(tx, m, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	was.seq, was.next, was.done = b.seq, now.Add(lookEvery), next
	return nil
}
