package pack

// Outreach is how visits to firms and associations, and of them, are kept: outreach.yaml.
type Outreach struct {
	Source   string    `yaml:"source"`
	Office   []string  `yaml:"office"` // units that keep the ledger
	Follow   string    `yaml:"follow"` // limit of what follows from a visit
	Classes  []Named   `yaml:"classes"`
	Topics   []Named   `yaml:"topics"`
	MadeUp   bool      `yaml:"made_up"`
	Contacts []Contact `yaml:"contacts"`
}

// Contact is a visit that the pack brings.
type Contact struct {
	Name   string `yaml:"name"` // of the firm or association; no person's
	Code   string `yaml:"code"`
	Class  string `yaml:"class"`
	Out    bool   `yaml:"out"` // we went there
	Place  string `yaml:"place"`
	On     string `yaml:"on"`
	Unit   string `yaml:"unit"`
	Topic  string `yaml:"topic"`
	Lead   string `yaml:"lead"` // name of the project of projects.yaml that came of it
	MadeUp bool   `yaml:"made_up"`
}

// outreach reads outreach.yaml; nil for a pack without it.
func (r *reader) outreach(p *Pack) *Outreach {
	const file = "outreach.yaml"
	x := &Outreach{}
	if !r.strict(file, x) {
		return nil
	}
	c := &lister{r, file, true}
	if x.Source == "" || len(x.Office) == 0 {
		c.bad(0, "source 和 office 都要写", "source and office must be given")
	}
	for _, u := range x.Office {
		c.unit(0, "office", u, p.Directory, false)
	}
	c.limit("follow", x.Follow)
	c.named("classes", x.Classes)
	c.named("topics", x.Topics)
	at := r.lines(file, "contacts")
	for i, q := range x.Contacts {
		line := lineOf(at, i)
		if q.Name == "" {
			c.bad(line, "第 %d 条没有 name", "contact %d has no name", i+1)
		}
		c.oneOf(line, q.Name, q.Class, IDs(x.Classes), false)
		c.oneOf(line, q.Name, q.Topic, IDs(x.Topics), false)
		c.unit(line, q.Name, q.Unit, p.Directory, false)
		c.day(line, q.Name, q.On)
	}
	if !c.good {
		return nil
	}
	return x
}
