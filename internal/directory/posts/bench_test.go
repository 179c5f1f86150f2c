package posts

import (
	"fmt"
	"testing"
	"time"

	"weixiao/internal/pack"
)

// BenchmarkHere asks who answers for a building, with every post of it held: chiefs, grid worker, community, street.
func BenchmarkHere(b *testing.B) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		b.Fatal(err)
	}
	board := newBoard(Options{District: p.District, Directory: p.Directory, Kinds: p.PostKinds, Buildings: p.Buildings})
	d := &delta{}
	hold := func(post string) {
		n := int64(len(d.terms) + 1)
		d.terms = append(d.terms, &Term{ID: fmt.Sprint("t", n), State: InPost, Post: post, From: 1, lastSeq: n})
	}
	for _, h := range p.Buildings {
		hold(h.ID + ".cadre")
		hold(h.ID + ".resident")
	}
	for id := range board.posts {
		hold(id)
	}
	board = board.with(d)
	at := time.Date(2022, 11, 23, 9, 0, 0, 0, zone).UnixMicro()
	for i := 0; b.Loop(); i++ {
		h := p.Buildings[i%len(p.Buildings)]
		in, _ := p.Locate(h.Point)
		if seats := board.Here(board.PlaceOf(h.Point, in), at); len(seats) < 6 {
			b.Fatal(seats)
		}
	}
}

// BenchmarkRefresh takes one changed term into a board of a district.
func BenchmarkRefresh(b *testing.B) {
	p, err := pack.Load(pack.Jiangyuan())
	if err != nil {
		b.Fatal(err)
	}
	board := newBoard(Options{District: p.District, Directory: p.Directory, Kinds: p.PostKinds, Buildings: p.Buildings})
	d := &delta{}
	for i, h := range p.Buildings {
		d.terms = append(d.terms, &Term{ID: fmt.Sprint("t", i), State: InPost, Post: h.ID + ".cadre", From: 1, lastSeq: int64(i + 1)})
	}
	board = board.with(d)
	one := &delta{terms: []*Term{{ID: "t1", State: HandedOver, Post: d.terms[1].Post, From: 1, To: 2, lastSeq: 1 << 40}}}
	for b.Loop() {
		board.with(one)
	}
}
