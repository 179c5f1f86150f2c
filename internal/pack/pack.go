// Package pack reads what differs between districts: the organisation, the
// catalogue of matters, duty rules, limits, calendars, scoring formulas, map
// layers and the words of public pages. A pack is a folder of files that a
// clerk can edit; packs/jiangyuan is embedded and documents every file in its
// README.md.
//
//	pack.go      Pack, Load, Check, Jiangyuan
//	problem.go   Problem: file, line, what is wrong and what to do
//	table.go     CSV files with Chinese or English headings
//	strict.go    YAML files in which an unknown key is an error
//	units.go     units.csv, posts.csv, grids.csv → directory
//	matters.go   groups.csv, matters.csv, standard.csv, profiles.yaml → catalogue
//	duties.go    rules.yaml and questions.yaml, also alone: ReadDuties, WriteDuties
//	areas.go     polygons that rules can be about
//	head.go      pack.yaml, words.yaml, calendars.yaml
//	ladder.go    ladder.yaml: reminders, and the way up after a deadline
//	procedures.go procedures.yaml: what may stop a clock, supervision
//	laws.go      laws.yaml: how laws count their terms
//	scores.go    scores.yaml: formulas, compiled to prove that they can be
//	gazetteer.go gazetteer.csv: estates, roads, landmarks
//	buildings.go postkinds.csv, buildings.csv: kinds of posts, buildings with chiefs
//	rounds.go    workdays.yaml: community workdays
//	visits.go    visits.yaml: visits to households, people in need; what they may not ask
//	villages.go  villages.yaml: what is looked after in villages
//	windows.go   windows.yaml: service halls, windows, ratings, stars
//	approvals.go approvals.yaml: stages, items and papers of projects, agents
//	campaigns.go campaigns.yaml: what campaigns are about and measured by
//	sanitation.go sanitation.yaml, contracts.csv, segments.csv, machines.csv
//	routines.go  routines.yaml: what is done outside again and again
//	projects.go  projects.yaml: the ledger of investment projects
//	works.go     works.yaml: public works with quantities
//	outreach.go  outreach.yaml: visits to and of firms and associations
//	policies.go  policies.yaml: policies for firms by clauses
//	firms.go     firms.csv: made-up firms, contractors and volunteer teams to show
//	layers.go    *.geojson: Layer, Atlas, Locate
//	gen/         makes the territorial files of Jiangyuan from statistical lists
//
// Load is all or nothing: a pack with one problem does not load, and Check
// lists all problems at once.
package pack

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"weixiao/internal/catalogue"
	"weixiao/internal/directory"
	"weixiao/internal/worktime"
)

// Pack is everything a district brings. It is immutable by agreement: nobody
// changes what Load returned.
type Pack struct {
	Version string // 16 hex digits of the hash of all files but README.md
	Head
	Directory  *directory.Directory
	Catalogue  *catalogue.Catalogue
	Calendars  map[string]*worktime.Calendar
	Ladder     *catalogue.Ladder
	Titles     map[string]Text // of the calendars, by name
	Laws       []Law
	Scores     Scores
	Procedures Procedures
	Workdays   Workdays
	Visits     Visits
	Layers     []Layer
	Words      map[string]Text // words on public pages, by key
	Gazetteer  *directory.Gazetteer
	PostKinds  []directory.PostKind
	Buildings  []directory.Building // by id
	Villages   *Villages            // nil = villages are not looked after here
	Windows    *Windows             // nil = no service windows
	Express    *Express             // nil = there is no express line here
	Approvals  *Approvals           // nil = projects are not approved here
	Campaigns  *Campaigns           // nil = there are no campaigns
	Sanitation *Sanitation          // nil = roads are not swept by contract
	Routines   []Routine            // in the order of the file
	Projects   *Projects            // nil = no ledger of projects
	Works      *Works               // nil = no ledger of public works
	Outreach   *Outreach            // nil = visits are not kept
	Firms      []Firm
	Policies   *Policies   // nil = none for firms
	Explained  []Explained // what comes near to formalism, and why it stays

	atlas func() *directory.Atlas
}

// Text is words in both languages.
type Text struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

//go:embed packs/jiangyuan
var embedded embed.FS

// Jiangyuan is the embedded pack; os.CopyFS writes it to a folder to edit.
func Jiangyuan() fs.FS {
	sub, err := fs.Sub(embedded, "packs/jiangyuan")
	if err != nil {
		panic(err) // the path is constant and embedded
	}
	return sub
}

// Load reads a pack. The error, if the files could be read at all, is of type
// Problems.
func Load(fsys fs.FS) (*Pack, error) {
	p, problems, err := read(fsys)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return p, nil
}

// Check lists everything wrong with a pack in the order of files and lines; nil
// means that Load will take it.
func Check(fsys fs.FS) []Problem {
	_, problems, err := read(fsys)
	if err != nil {
		return []Problem{{ZH: "读不了文件夹：" + err.Error(), EN: "the folder cannot be read: " + err.Error()}}
	}
	return problems
}

// Calendar is the working calendar of a unit: its own, else the district's.
func (p *Pack) Calendar(unit string) *worktime.Calendar {
	u, _ := p.Directory.Unit(unit)
	if c, ok := p.Calendars[u.Calendar]; ok {
		return c
	}
	return p.Calendars[p.Head.Calendar]
}

// reader carries the files and what is wrong with them through the parts.
type reader struct {
	files    map[string][]byte
	problems Problems
}

func read(fsys fs.FS) (*Pack, Problems, error) {
	files, version, err := slurp(fsys)
	if err != nil {
		return nil, nil, err
	}
	r := &reader{files: files}
	r.checkNames()
	p := &Pack{Version: version}
	p.Head = r.head()
	p.Words = r.words()
	p.Calendars, p.Titles = r.calendars(p.Head)
	p.Laws = r.laws(p.Calendars)
	p.Scores = r.scores()
	p.Procedures = r.procedures()
	p.Directory = r.directory(p.Head, p.Calendars)
	p.Layers = r.layers(p.Directory)
	p.atlas = p.makeAtlas()
	if p.Directory != nil {
		p.Catalogue = r.catalogue(p.Directory, p.Layers)
	}
	p.Ladder = r.ladder(p)
	p.Explained = r.explained()
	p.PostKinds = r.postKinds()
	if p.Directory != nil {
		p.Gazetteer = r.gazetteer(p)
		p.Buildings = r.buildings(p)
		p.Workdays, p.Visits = r.workdays(p), r.visits(p)
		p.Sanitation = r.sanitation(p)
		p.Villages = r.villages()
		p.Windows = r.windows(p)
		p.Express = r.express(p)
		p.Campaigns = r.campaigns(p)
		p.Routines = r.routines(p)
		p.Projects, p.Works, p.Outreach = r.projects(p), r.works(p), r.outreach(p)
		p.Firms = r.firms(p)
		p.Policies = r.policies(p)
		p.Approvals = r.approvals(p)
	}
	r.problems.sort()
	return p, r.problems, nil
}

// required are the files every pack has; optional ones may be absent. *.geojson and
// README.md come on top.
var required = []string{
	"pack.yaml",
	"calendars.yaml",
	"scores.yaml",
	"profiles.yaml",
	"procedures.yaml",
	"rules.yaml",
	"ladder.yaml",
	"units.csv",
	"posts.csv",
	"groups.csv",
	"matters.csv",
}

var optional = []string{
	"words.yaml",
	"laws.yaml",
	"questions.yaml",
	"grids.csv",
	"standard.csv",
	"gazetteer.csv",
	"postkinds.csv",
	"buildings.csv",
	"routines.yaml",
	"formalism.yaml",
	"workdays.yaml",
	"visits.yaml",
	"firms.csv",
	"sanitation.yaml",
	"contracts.csv",
	"segments.csv",
	"machines.csv",
	"villages.yaml",
	"projects.yaml",
	"works.yaml",
	"outreach.yaml",
	"policies.yaml",
	"windows.yaml",
	"express.yaml",
	"approvals.yaml",
	"campaigns.yaml",
}

// known are all files a pack may have.
var known = slices.Concat(required, optional)

func (r *reader) checkNames() {
	for name := range r.files {
		if !slices.Contains(known, name) && path.Ext(name) != ".geojson" && name != "README.md" {
			r.add(name, 0, "规则包里没有这种文件，请改名或移走；可用的有 "+strings.Join(known, "、")+" 和 *.geojson",
				"no such file belongs in a pack; rename or remove it")
		}
	}
	for _, name := range required {
		if _, ok := r.files[name]; !ok {
			r.add(name, 0, "缺少这个文件，请从示例包 jiangyuan 复制一份再改", "the file is missing; copy it from the example pack jiangyuan")
		}
	}
}

// maxFile keeps a wrong folder from being read into memory.
const maxFile = 16 << 20

// slurp reads the files of the folder itself; what editors and systems leave
// behind (.DS_Store, ~$units.csv) is passed over.
func slurp(fsys fs.FS) (map[string][]byte, string, error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, "", fmt.Errorf("pack: %w", err)
	}
	files := map[string][]byte{}
	sum := sha256.New()
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") {
			continue
		}
		if info, err := e.Info(); err != nil {
			return nil, "", fmt.Errorf("pack: %w", err)
		} else if info.Size() > maxFile {
			return nil, "", fmt.Errorf("pack: %s is larger than %d MiB", name, maxFile>>20)
		}
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, "", fmt.Errorf("pack: %w", err)
		}
		files[name] = data
		if name != "README.md" {
			fmt.Fprintf(sum, "%s %d\n", name, len(data))
			sum.Write(data)
		}
	}
	return files, hex.EncodeToString(sum.Sum(nil))[:16], nil
}
