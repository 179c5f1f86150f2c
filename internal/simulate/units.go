package simulate

import (
	"hash/fnv"
)

// quality is how good a unit is; people notice.
type quality struct {
	late   float64 // share of promises it breaks
	solved float64 // share of what it really solves
	warm   float64 // how satisfied people are with it, 0.7 to 0.98
	pace   float64 // share of the time allowed that it usually takes
}

// known are units with a character of their own: the weak ones a district talks
// about, and the good ones. Of course none of this says anything about the real
// offices.
var known = map[string]quality{
	"heat-mine":      {0.17, 0.70, 0.72, 0.75},
	"heat-city":      {0.10, 0.80, 0.80, 0.60},
	"property":       {0.14, 0.72, 0.75, 0.80},
	"municipal":      {0.06, 0.88, 0.88, 0.55},
	"lamps":          {0.02, 0.96, 0.97, 0.30},
	"sanitation":     {0.04, 0.93, 0.92, 0.45},
	"urban":          {0.08, 0.84, 0.85, 0.55},
	"traffic-police": {0.04, 0.90, 0.91, 0.45},
	"housing":        {0.12, 0.76, 0.79, 0.75},
	"expropriation":  {0.15, 0.70, 0.74, 0.80},
	"service-hall":   {0.01, 0.97, 0.97, 0.30},
	"water":          {0.05, 0.91, 0.90, 0.45},
	"power":          {0.03, 0.94, 0.94, 0.35},
	"220605001":      {0.04, 0.93, 0.94, 0.45},
	"220605002":      {0.07, 0.88, 0.89, 0.55},
	"220605003":      {0.02, 0.96, 0.97, 0.35},
	"220605004":      {0.09, 0.85, 0.86, 0.60},
	"220605102":      {0.11, 0.83, 0.85, 0.65},
	"220605105":      {0.03, 0.95, 0.95, 0.40},
	"220605106":      {0.12, 0.80, 0.82, 0.70},
	"220605107":      {0.16, 0.74, 0.76, 0.80},
}

// qualityOf is the character of a unit; those without one get an ordinary one
// that hangs on their id alone.
func qualityOf(unit string) quality {
	if q, ok := known[unit]; ok {
		return q
	}
	h := fnv.New32a()
	h.Write([]byte(unit))
	x := float64(h.Sum32()%1000) / 1000
	return quality{late: 0.03 + 0.06*(1-x), solved: 0.84 + 0.1*x, warm: 0.85 + 0.1*x, pace: 0.65 - 0.25*x}
}
