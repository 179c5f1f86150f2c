package geo

// Level says what a finding means for the file.
type Level string

const (
	Bad  Level = "error"   // the file is not taken in
	Odd  Level = "warning" // it may be published when somebody answers for it
	Hint Level = "note"    // put right on the way in
)

// Kinds of findings. Each has words of its own under "layers.finding."; what Size, Way and Other mean stands beside it.
const (
	FindUnreadable = "unreadable"  // a feature could not be read; Word is one of the Fault… words
	FindCRS        = "crs"         // a coordinate system nobody knows; Word is its name
	FindMetres     = "metres"      // projected coordinates; N positions
	FindSwapped    = "swapped"     // latitude first; N positions
	FindAbroad     = "abroad"      // not in China; N positions
	FindNumbers    = "numbers"     // coordinates that are no numbers or 0,0
	FindOpen       = "ring_open"   // the last corner is not the first; Size: metres between them
	FindShort      = "ring_short"  // fewer than three different corners; N of them
	FindFlat       = "ring_flat"   // no surface
	FindTurned     = "ring_turned" // runs the wrong way round (RFC 7946); put right
	FindCrossing   = "crossing"    // the border crosses itself; N times
	FindHole       = "hole"        // a hole outside of its shell, or in another hole
	FindParts      = "parts"       // two parts of one area overlap
	FindNoCode     = "no_code"
	FindMalformed  = "code_form"    // Word is what a code must look like: the number of digits
	FindScientific = "code_spoiled" // 2.20605E+14: a spreadsheet was there
	FindDuplicate  = "code_twice"   // N: the other feature's index
	FindNoParent   = "no_parent"    // no area above has the code's first digits, or the parent named; Other: that code
	FindParent     = "parent_code"  // the parent named is not the one in the code; Other: the one named
	FindReused     = "code_reused"  // the code was another area's; Word: the version that had it last
	FindMoved      = "code_moved"   // the code lies elsewhere now; Size: metres; Word: the version before
	FindShifted    = "shifted"      // the whole file lies off; Size: metres, Way: where to, Word: the coordinate system it looks like
	FindOverlap    = "overlap"      // Size: m² in common with Other
	FindGap        = "gap"          // Size: m² that belong to nobody; Other beside it
	FindOutside    = "outside"      // Size: m² outside of the area above, Other: where most of them lie, "" for nowhere
	FindElsewhere  = "elsewhere"    // more than half of the area lies in Other and not in the area its code names
	FindGone       = "gone"         // the code is in the version in force and not in this file
	FindEmpty      = "empty"        // no feature at all
	FindTangled    = "tangled"      // too many crossing borders to check the rest
	FindMore       = "more"         // N more findings of the kind Word
	FindRepeated   = "corner_twice" // the same corner twice running; taken out; N of them
)

// Finding is one thing that is wrong with a file of polygons, or worth a look.
type Finding struct {
	Kind      string   `json:"kind"`
	Level     Level    `json:"level"`
	Index     int      `json:"index,omitempty"` // of the feature in the file, from 1; 0: the whole file
	Code      string   `json:"code,omitempty"`
	Name      string   `json:"name,omitempty"`
	Other     string   `json:"other,omitempty"` // code of the other area
	OtherName string   `json:"other_name,omitempty"`
	N         int      `json:"n,omitempty"`
	Size      float64  `json:"size,omitempty"` // metres or square metres
	Way       string   `json:"way,omitempty"`  // n ne e se s sw w nw
	Word      string   `json:"word,omitempty"`
	At        Point    `json:"at"` // where to look; zero when nowhere in particular
	Picture   *Picture `json:"picture,omitempty"`
}

// Worst is the worst level among findings, "" for none.
func Worst(findings []Finding) Level {
	rank := map[Level]int{Hint: 1, Odd: 2, Bad: 3}
	worst := Level("")
	for _, f := range findings {
		if rank[f.Level] > rank[worst] {
			worst = f.Level
		}
	}
	return worst
}

// perKind is how many findings of one kind are kept; the rest are counted.
const perKind = 50

// findings gathers, and keeps a file with ten thousand faults from becoming ten thousand lines.
type findings struct {
	all   []Finding
	count map[string]int
}

func (f *findings) add(x Finding) {
	if f.count == nil {
		f.count = map[string]int{}
	}
	if f.count[x.Kind]++; f.count[x.Kind] <= perKind {
		f.all = append(f.all, x)
	}
}

// room reports whether a finding of this kind would be kept, so that its picture is worth drawing.
func (f *findings) room(kind string) bool { return f.count[kind] < perKind }

// list closes the list with the counts of what was left out.
func (f *findings) list() []Finding {
	level := map[string]Level{}
	for _, x := range f.all {
		level[x.Kind] = x.Level
	}
	for _, x := range f.all {
		if n := f.count[x.Kind] - perKind; n > 0 {
			f.all = append(f.all, Finding{Kind: FindMore, Level: level[x.Kind], N: n, Word: x.Kind})
			f.count[x.Kind] = 0
		}
	}
	return f.all
}
