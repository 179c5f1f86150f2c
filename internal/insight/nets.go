package insight

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// nets are several nets that began at different points: what they say together is
// better than what each says. Their mean is mixed with the blend, which sees what
// they do not: how lately, and how often exactly.
type nets struct {
	Rows   []int32   // bucket of a piece -> row+1 of Pieces
	Knots  []float64 // moments, in days; between two of them time goes over from one to the next
	Share  float64   // of the nets in the mixture
	Of     []*net    // may be none
	Offset []int     // column -> row of Values
	Size   [4]int    // as netSize, in its order
}

// netSize is what the layers need.
type netSize struct{ values, pieces, width, labels int }

const (
	usualNets   = 8
	leastPieces = 2 // cases that have a piece; a rarer one cannot be learned
	mostPieces  = 1 << 15
	netWork     = 5e10 // multiplications of learning that the nets may take altogether, some 15 s of one processor
	// mostShare of the nets: they may win the cases held back by luck.
	mostShare = 0.6
)

func (c *nets) size() netSize { return netSize{c.Size[0], c.Size[1], c.Size[2], c.Size[3]} }

// newNets finds what the nets see, without learning.
func (m *Model) newNets() nets {
	c := nets{Rows: make([]int32, m.lin.Buckets)}
	values := 0
	for _, col := range m.code.Columns {
		c.Offset = append(c.Offset, values)
		values += len(col.Values) + 1
	}
	count := make([]int32, m.lin.Buckets)
	for i := range m.data.label {
		for _, p := range m.piecesOf(m.data.row(int32(i)), m.words[i]) {
			count[p.bucket]++
		}
	}
	pieces := c.number(count, leastPieces)
	for least := int32(2 * leastPieces); pieces > mostPieces; least *= 2 {
		pieces = c.number(count, least)
	}
	for q := range timeKnots {
		c.Knots = append(c.Knots, m.data.at[(len(m.data.at)-1)*q/(timeKnots-1)])
	}
	c.Size = [4]int{values, pieces, len(m.code.Columns)*valueSize + pieceSize + timeKnots, len(m.Units)}
	return c
}

// number gives the pieces that at least so many cases have their rows.
func (c *nets) number(count []int32, least int32) int {
	pieces := 0
	for b, n := range count {
		if c.Rows[b] = 0; n >= least {
			pieces++
			c.Rows[b] = int32(pieces)
		}
	}
	return pieces
}

// piecesOf are the pieces of what a case's values are called, and of its words.
func (m *Model) piecesOf(cats []int32, texts []string) []linearFeature {
	return m.lin.pieces(m.lin.pieces(nil, m.code.phrases(cats), 1), texts, 1)
}

// see is what the nets see of a case.
func (m *Model) see(cats []int32, at float64, texts []string) netRow {
	c := &m.nets
	r := netRow{values: make([]int32, len(cats)), blank: make([]int32, len(cats))}
	for k, v := range cats {
		r.values[k], r.blank[k] = int32(c.Offset[k])+v, int32(c.Offset[k])
	}
	for _, p := range m.piecesOf(cats, texts) {
		if row := c.Rows[p.bucket]; row > 0 {
			r.pieces = append(r.pieces, linearFeature{uint32(row - 1), p.value})
		}
	}
	i, _ := slices.BinarySearch(c.Knots, at)
	switch {
	case i == 0:
		r.time[0] = 1
	case i == timeKnots:
		r.time[timeKnots-1] = 1
	default:
		over := float32((at - c.Knots[i-1]) / (c.Knots[i] - c.Knots[i-1]))
		r.time[i-1], r.time[i] = 1-over, over
	}
	return r
}

// affordable is the number of nets for so many cases, of those wanted.
func (c *nets) affordable(rows []netRow, wanted int) int {
	pieces := 0
	for i := 0; i < len(rows); i += max(1, len(rows)/200) {
		pieces = max(pieces, len(rows[i].pieces))
	}
	s := c.size()
	one := 3 * float64(netEpochs) * float64(len(rows)) * float64(hiddenSize*(s.width+s.labels)+pieces*pieceSize)
	return min(wanted, int(netWork/one))
}

// fitNets learns as many nets as can be paid for from the cases that learns names.
func (m *Model) fitNets(ctx context.Context, rows []netRow, o Options, learns func(i int32) bool) {
	var order []int32
	for i := range rows {
		if learns(int32(i)) {
			order = append(order, int32(i))
		}
	}
	m.nets.Of = make([]*net, m.nets.affordable(rows, o.Nets))
	parallel(o.Workers, len(m.nets.Of), func(lo, hi int) {
		for k := lo; k < hi; k++ {
			m.nets.Of[k] = teachNet(ctx, m.nets.size(), rows, m.data.label, slices.Clone(order), uint64(k))
		}
	})
	if ctx.Err() != nil {
		m.nets.Of = nil
	}
}

// say is the mean of what the nets say of some units, nil without nets.
func (c *nets) say(r *netRow, units []int32, s *netMind) []float64 {
	if len(c.Of) == 0 {
		return nil
	}
	p := make([]float64, len(units))
	for _, n := range c.Of {
		n.think(r, s, nil)
		for i, u := range units {
			p[i] += float64(s.out[u]) / float64(len(c.Of))
		}
	}
	return p
}

// mixed are the logits of what the blend's logits and the nets' probabilities
// come to together.
func mixed(scores, said []float64, share float64) []float64 {
	if said == nil {
		return scores
	}
	p := slices.Clone(scores)
	softmax(p)
	for i, v := range said {
		p[i] = math.Log(max(1e-12, (1-share)*p[i]+share*v))
	}
	return p
}

// shareOf finds the share of the nets that makes the labels of groups most
// probable.
func shareOf(groups []group, scores, said [][]float64) float64 {
	loss := func(share float64) float64 {
		sum := 0.0
		for i, g := range groups {
			if g.right >= 0 {
				sum -= mixed(scores[i], said[i], share)[g.right]
			}
		}
		return sum
	}
	var shares []float64
	for s := 0.0; s < mostShare+0.05; s += 0.1 {
		shares = append(shares, s)
	}
	return slices.MinFunc(shares, func(a, b float64) int { return cmp.Compare(loss(a), loss(b)) })
}

// whole reports whether the sizes fit the model.
func (c *nets) whole(m *Model) bool {
	s, values := c.size(), 0
	for k, col := range m.code.Columns {
		if k >= len(c.Offset) || c.Offset[k] != values {
			return false
		}
		values += len(col.Values) + 1
	}
	most := int32(0)
	for _, r := range c.Rows {
		most = max(most, r)
	}
	fits := len(c.Rows) == m.lin.Buckets && len(c.Knots) == timeKnots && s.values == values && s.pieces == int(most) && s.labels == len(m.Units) &&
		s.width == len(m.code.Columns)*valueSize+pieceSize+timeKnots && c.Share >= 0 && c.Share <= 1
	for _, n := range c.Of {
		fits = fits && n != nil && len(n.Values) == s.values*valueSize && len(n.Pieces) == s.pieces*pieceSize && len(n.Hidden) == hiddenSize*s.width &&
			len(n.HiddenB) == hiddenSize && len(n.Out) == hiddenSize*s.labels && len(n.OutB) == s.labels
	}
	return fits
}
