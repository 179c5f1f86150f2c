package firms

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"weixiao/internal/access"
	"weixiao/internal/files/sheet"
	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

// RowError is one bad row of a file.
type RowError struct {
	Row    int // in the file; 1 is the heading
	ZH, EN string
}

// Report is what a file of firms holds, or what came of it.
type Report struct {
	Rows, Added, Known int
	Bad                []RowError
	Ignored            []string // headings that mean nothing
	Done               bool
}

// MostRows is how many rows one file may have: they go in together.
const MostRows = 5000

// fileColumns are the headings by which a file may know a field; the first is the one that is asked for.
var fileColumns = []struct {
	key   string
	names []string
	must  bool
}{
	{"code", []string{"统一社会信用代码", "code", "信用代码"}, true}, {"name", []string{"名称", "name", "企业名称", "单位名称"}, true}, {"kinds", []string{"类别", "kinds"}, true},
	{"sector", []string{"行业", "sector"}, true}, {"unit", []string{"所属单位", "unit", "街道"}, false}, {"address", []string{"地址", "address"}, false},
	{"contact", []string{"联系人", "contact"}, false}, {"phone", []string{"电话", "phone", "联系电话"}, false}, {"made_up", []string{"虚构", "made_up"}, false},
}

var kindWords = map[string]string{"企业": "firm", "承包商": "contractor", "施工单位": "contractor", "志愿队伍": "volunteers", "志愿者": "volunteers"}

var sectorWords = map[string]string{"农林牧渔": "agriculture", "采矿": "mining", "制造": "manufacturing", "水电气热": "energy", "建筑": "construction", "批发零售": "trade", "交通运输": "transport",
	"住宿餐饮": "hospitality", "房地产和物业": "property", "居民服务": "services", "教育": "education", "卫生": "health", "文体": "culture", "社会组织": "social"}

// KindOf is the kind that a word of a file means, "" for a word nobody knows.
func KindOf(word string) string {
	if k, ok := kindWords[word]; ok {
		return k
	}
	if slices.Contains(Kinds(), word) {
		return word
	}
	return ""
}

// SectorOf is the sector that a word of a file means, "" for a word nobody knows.
func SectorOf(word string) string {
	if s, ok := sectorWords[word]; ok {
		return s
	}
	if slices.Contains(Sectors(), word) {
		return word
	}
	return ""
}

// SectorWords are the Chinese words for sectors in files.
func SectorWords() []string { return slices.Sorted(maps.Keys(sectorWords)) }

// CodeWords are the words of a *CodeError; those of another error are its own.
func CodeWords(err error) (zh, en string) {
	if c, ok := errors.AsType[*CodeError](err); ok {
		return c.ZH, c.EN
	}
	return err.Error(), err.Error()
}

// Headings are the columns of a file by their Chinese heading, and those that must be there.
func Headings() (all, must []string) {
	for _, c := range fileColumns {
		all = append(all, c.names[0])
		if c.must {
			must = append(must, c.names[0])
		}
	}
	return all, must
}

// Heading is the field that a heading of a file means, "" for one nobody knows.
func Heading(h string) string {
	h = strings.ToLower(strings.Join(strings.Fields(h), ""))
	for _, c := range fileColumns {
		if slices.Contains(c.names, h) {
			return c.key
		}
	}
	return ""
}

var errNothing = errors.New("firms: nothing was taken in")

// Load takes the rows of a file into the register, all of them or none: with one bad row nothing is taken in, and every
// bad row is named. do false only tries. A *CodeError says why a file cannot be read at all.
func (s *Firms) Load(ctx context.Context, sc access.Scope, t *sheet.Table, do bool) (Report, error) {
	var out Report
	act, err := Table.Action("enter")
	if err != nil {
		return out, err
	}
	if !act.Grants(flow.Actor{Roles: sc.Roles()}) {
		return out, flow.ErrForbidden
	}
	if len(t.Lines) > MostRows {
		return out, &CodeError{fmt.Sprintf("文件有 %d 行，一次最多 %d 行，请分开导入", len(t.Lines), MostRows), fmt.Sprintf("the file has %d rows, at most %d at a time: split it", len(t.Lines), MostRows)}
	}
	keys, ignored, err := headings(t.Head)
	if err != nil {
		return out, err
	}
	err = s.db.Write(ctx, func(tx *store.Tx) error {
		out = Report{Ignored: ignored}
		for i, cells := range t.Lines {
			if strings.TrimSpace(strings.Join(cells, "")) == "" {
				continue
			}
			out.Rows++
			_, err := s.enterRow(tx, sc, act, keys, cells)
			zh, en, bad := advice(err)
			switch {
			case err == nil:
				out.Added++
			case errors.Is(err, ErrKnown):
				out.Known++
			case bad:
				out.Bad = append(out.Bad, RowError{i + 2, zh, en})
			default:
				return err
			}
		}
		if len(out.Bad) > 0 || !do {
			return errNothing
		}
		return nil
	})
	if errors.Is(err, errNothing) {
		return out, nil
	}
	out.Done = err == nil
	return out, err
}

func (s *Firms) enterRow(tx *store.Tx, sc access.Scope, act *flow.Action, keys, cells []string) (string, error) {
	raw := form.Raw{}
	for j, c := range cells {
		if j < len(keys) && keys[j] != "" {
			raw[keys[j]] = []string{strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(c), "'"))}
		}
	}
	madeUp := slices.Contains([]string{"是", "yes", "true", "1"}, raw.Get("made_up"))
	delete(raw, "made_up")
	var kinds []string
	for _, k := range strings.FieldsFunc(raw.Get("kinds"), func(r rune) bool { return strings.ContainsRune("、，,; ", r) }) {
		if w, ok := kindWords[k]; ok {
			k = w
		}
		kinds = append(kinds, k)
	}
	raw["kinds"] = kinds
	if w, ok := sectorWords[raw.Get("sector")]; ok {
		raw["sector"] = []string{w}
	}
	if name := raw.Get("unit"); name != "" {
		for _, u := range s.dir.Units() {
			if u.Name == name || u.Short == name {
				raw["unit"] = []string{u.ID}
			}
		}
	}
	return s.enter(tx, sc, act, raw, madeUp)
}

func headings(head []string) (keys, ignored []string, err error) {
	keys = make([]string, len(head))
	for i, h := range head {
		h = strings.ToLower(strings.Join(strings.Fields(h), ""))
		for _, c := range fileColumns {
			if slices.Contains(c.names, h) && !slices.Contains(keys, c.key) {
				keys[i] = c.key
			}
		}
		if keys[i] == "" && h != "" {
			ignored = append(ignored, head[i])
		}
	}
	for _, c := range fileColumns {
		if c.must && !slices.Contains(keys, c.key) {
			return nil, nil, &CodeError{fmt.Sprintf("没有“%s”这一列，现有：%s", c.names[0], strings.Join(head, "、")), fmt.Sprintf("there is no column %s; there are: %s", c.key, strings.Join(head, ", "))}
		}
	}
	return keys, ignored, nil
}

// advice is what the person who made the file reads beside a bad row; false for an error that is not theirs.
func advice(err error) (zh, en string, bad bool) {
	if c, ok := errors.AsType[*CodeError](err); ok {
		return c.ZH, c.EN, true
	}
	if errors.Is(err, ErrTaken) {
		return "这个统一社会信用代码已登记，内容不同；要修改请在企业页面操作", "this code is registered with other contents; change it on the page of the firm", true
	}
	f, ok := errors.AsType[form.Faults](err)
	if !ok {
		return "", "", false
	}
	name := f[0].Field
	for _, c := range fileColumns {
		if c.key == name {
			name = c.names[0]
		}
	}
	return "“" + name + "”没有填、填得不对或不在可选的范围里", "column " + f[0].Field + " is empty, wrong or not one of the choices", true
}
