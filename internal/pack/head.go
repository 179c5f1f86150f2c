package pack

import (
	"strings"

	"weixiao/internal/worktime"
)

// Head is pack.yaml: who the district is and where the pack's data come from.
type Head struct {
	Format   int      `yaml:"format"`   // 1
	District string   `yaml:"district"` // 6 digits, such as 220605
	Prefix   string   `yaml:"prefix"`   // of public case numbers, such as JY
	Name     string   `yaml:"name"`     // 江源区
	FullName string   `yaml:"full_name"`
	English  string   `yaml:"english"`
	Hotline  string   `yaml:"hotline"`
	AreaCode string   `yaml:"area_code"`
	Postcode string   `yaml:"postcode"`
	Calendar string   `yaml:"calendar"` // of units that name none
	Sources  []Source `yaml:"sources"`
}

// Source is an attribution, or the statement that something is made up.
type Source struct {
	What    string `yaml:"what"`
	From    string `yaml:"from"`
	Licence string `yaml:"licence"`
	MadeUp  bool   `yaml:"made_up"`
}

func (r *reader) head() Head {
	var h Head
	if !r.strict("pack.yaml", &h) {
		return h
	}
	bad := func(zh, en string) { r.add("pack.yaml", 0, zh, en) }
	if h.Format != 1 {
		bad("format 应为 1", "format must be 1")
	}
	if len(h.District) != 6 || strings.Trim(h.District, "0123456789") != "" {
		bad("district 应为 6 位区划代码", "district must be a code of 6 digits")
	}
	if len(h.Prefix) != 2 || strings.Trim(h.Prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		bad("prefix 应为两个大写字母，是工单编号的开头", "prefix must be two capital letters")
	}
	if h.Name == "" || h.FullName == "" || h.English == "" || h.Hotline == "" {
		bad("name、full_name、english、hotline 都要填写", "name, full_name, english and hotline must be given")
	}
	return h
}

func (r *reader) words() map[string]Text {
	words := map[string]Text{}
	r.strict("words.yaml", &words)
	for key, t := range words {
		if t.ZH == "" || t.EN == "" {
			r.add("words.yaml", 0, key+" 要有中文（zh）和英文（en）", key+" needs zh and en")
		}
	}
	return words
}

// calendars reads calendars.yaml. A calendar without notices has the national
// ones the program brings; one without hours has their office hours.
func (r *reader) calendars(h Head) (map[string]*worktime.Calendar, map[string]Text) {
	var file struct {
		Calendars []struct {
			Name          string `yaml:"name"`
			Title         string `yaml:"title"`
			English       string `yaml:"english"`
			worktime.Spec `yaml:",inline"`
		} `yaml:"calendars"`
	}
	if !r.strict("calendars.yaml", &file) {
		return nil, nil
	}
	all, titles := map[string]*worktime.Calendar{}, map[string]Text{}
	at := r.lines("calendars.yaml", "calendars")
	for i, c := range file.Calendars {
		if _, twice := all[c.Name]; c.Name == "" || twice {
			r.add("calendars.yaml", lineOf(at, i), "日历名称缺少或重复", "the calendar's name is missing or used twice")
		}
		if base := worktime.ChinaSpec(); !c.RoundTheClock {
			if c.Notices == nil {
				c.Notices = base.Notices
			}
			if c.Hours == nil {
				c.Hours = base.Hours
			}
		}
		made, err := worktime.New(c.Spec)
		if err != nil {
			r.add("calendars.yaml", lineOf(at, i), "日历“"+c.Name+"”有误："+worktime.Chinese(err), "calendar "+c.Name+": "+err.Error())
			continue
		}
		all[c.Name], titles[c.Name] = made, Text{c.Title, c.English}
	}
	if _, ok := all[h.Calendar]; !ok {
		r.add("pack.yaml", 0, "calendar“"+h.Calendar+"”不在 calendars.yaml 里", "calendar "+h.Calendar+" is not in calendars.yaml")
	}
	return all, titles
}
