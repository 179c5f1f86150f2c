// Package formalism is the guard against formalism at the fingertips (国办函〔2026〕12号): it lists everything the program and a
// district's pack ask of staff, with the prohibition each thing touches and a verdict, and it keeps the exceptions that
// somebody asked for, somebody else approved, and everybody concerned can see.
//
//	formalism.go  this map, the prohibitions, Guard
//	inspect.go    Inspect: from routines, questions, flow tables, figures and evidence to a list with verdicts
//	forms.go      fields of flow tables: what repeats, what is too much
//	pack.go       routines, questions and figures of a pack
//	terms.go      words by which a demand gives itself away
//	table.go      Exception and its flow table
//	act.go        Ask, Act; what is in force, and for whom
//	store.go      SQL; verify.go: acts against rows
//
// The guard finds out by looking: nothing is listed by hand. What it cannot judge it puts up to be looked at, and only an
// explanation in writing makes that quiet: of the program in the message catalogue (formalism.explained.…), of a pack in its
// formalism.yaml. An exception makes a finding quiet until it ends, and only one kind of exception switches anything on.
package formalism

import (
	"embed"
	"slices"
	"time"

	"weixiao/internal/directory"
	"weixiao/internal/pack"
	"weixiao/internal/store"
)

//go:embed migrations
var migrations embed.FS

// Schema is the table of exceptions, numbers 57001-57999.
var Schema = store.Schema{Name: "formalism", FS: migrations}

// The prohibitions.
const (
	CheckIn     = "check_in"     // 强制打卡签到
	Ranking     = "ranking"      // 对个人积分排名
	OnlineTime  = "online_time"  // 统计在线时长
	InstallRate = "install_rate" // 考核安装率、使用率
	Photo       = "photo"        // 非必要的照片、视频
	Track       = "track"        // 行踪轨迹
	Twice       = "twice"        // 重复填报
	Quota       = "quota"        // 下达数量指标
)

// Rules lists the prohibitions in the order in which pages show them.
func Rules() []string {
	return []string{CheckIn, Ranking, OnlineTime, InstallRate, Photo, Track, Twice, Quota}
}

// Guard keeps the exceptions of one district.
type Guard struct {
	db *store.DB
	o  Options
}

// Options are what a Guard is made with.
type Options struct {
	District  string
	Pack      string // version of the pack
	Directory *directory.Directory
	Routines  []pack.Routine
	// Input is everything that asks something of staff; see Inspect.
	Input Input
	Clock func() time.Time
}

// New wires the package.
func New(db *store.DB, o Options) *Guard { return &Guard{db: db, o: o} }

func (g *Guard) routine(key string) bool {
	return slices.ContainsFunc(g.o.Routines, func(r pack.Routine) bool { return r.Key == key })
}
