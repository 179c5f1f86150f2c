package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"weixiao/internal/access"
	"weixiao/internal/assets"
	"weixiao/internal/directory"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/pack"
)

type assetField int

const (
	aID assetField = iota
	aName
	aOwner
	aUnit
	aState
	aLon
	aLat
	aSystem
	aAddress
	aSince
	aMadeUp
)

// assetHeadings are understood without blanks and in lower case; those in capitals are the attributes of GB/T 47678.5.
var assetHeadings = map[string]assetField{
	"id": aID, "glbjbsm": aID, "标识码": aID, "部件标识码": aID, "管理部件标识码": aID, "部件编码": aID, "编号": aID,
	"name": aName, "glbjmc": aName, "名称": aName, "部件名称": aName,
	"owner": aOwner, "qsdwmc": aOwner, "权属单位": aOwner, "权属单位名称": aOwner,
	"unit": aUnit, "yhdwmc": aUnit, "养护单位": aUnit, "养护单位名称": aUnit, "维护单位": aUnit, "管理单位": aUnit,
	"state": aState, "glbjzt": aState, "状态": aState, "部件状态": aState,
	"lon": aLon, "lng": aLon, "longitude": aLon, "经度": aLon, "lat": aLat, "latitude": aLat, "纬度": aLat,
	"crs": aSystem, "坐标系": aSystem, "address": aAddress, "地址": aAddress, "位置": aAddress, "所在位置": aAddress,
	"since": aSince, "csrq": aSince, "初始日期": aSince, "安装日期": aSince, "made_up": aMadeUp, "虚构": aMadeUp,
}

var assetStates = map[string]string{"": assets.Intact, "完好": assets.Intact, "破损": assets.Damaged, "丢失": assets.Lost, "废弃": assets.Abandoned, "移除": assets.Removed,
	assets.Intact: assets.Intact, assets.Damaged: assets.Damaged, assets.Lost: assets.Lost, assets.Abandoned: assets.Abandoned, assets.Removed: assets.Removed}

// assetRow reads rows of one file.
type assetRow struct {
	cols  map[assetField]int
	p     *pack.Pack
	units map[string]string // what a unit is called -> id; "" when several are
	moved int               // points that were converted
}

// ImportAssets takes the rows of a CSV or XLSX file into the register of assets. The whole file is checked first: with
// one bad row nothing is taken in, unless good is set, which takes the good ones. Bad rows are written to a copy of the
// file (name-rejected.csv or .xlsx) with the reason. Rows that are registered already just so are left alone, so an
// import that was interrupted is simply run again.
func ImportAssets(ctx context.Context, s *assets.Assets, p *pack.Pack, sc access.Scope, name string, good bool) (Result, error) {
	t, err := readTable(name)
	if err != nil {
		return Result{}, err
	}
	x, err := checkAssets(ctx, s, p, t)
	out := x.Result
	if err != nil {
		return out, err
	}
	if len(x.bad) > 0 {
		if out.Rejects, err = t.reject(name, x.bad); err != nil || !good {
			out.Converted = 0
			return out, err
		}
	}
	added, known, err := s.RegisterAll(ctx, sc, x.fresh)
	out.Added, out.Known = added, out.Known+known
	if err != nil {
		return out, fmt.Errorf("stopped after %d rows, run it again to go on: %w", added, err)
	}
	return out, nil
}

// checkedAssets is what a file of assets holds.
type checkedAssets struct {
	Result
	fresh []assets.Asset // not registered yet
	bad   []row
}

// checkAssets reads a file of assets and compares it with the register.
func checkAssets(ctx context.Context, s *assets.Assets, p *pack.Pack, t *table) (out checkedAssets, err error) {
	read := &assetRow{p: p, units: unitNames(p.Directory)}
	if read.cols, out.Ignored, err = mapAssetColumns(t.Head); err != nil {
		return out, err
	}
	var list []assets.Asset
	var rows []row
	for r := range t.rows() {
		out.Rows++
		a, err := read.asset(r)
		if err != nil {
			r.reason = assetAdvice(err)
			out.bad = append(out.bad, r)
			continue
		}
		list, rows = append(list, a), append(rows, r)
	}
	list, rows, out.bad = twins(list, rows, out.bad)
	verdict, err := s.Compare(ctx, list)
	if err != nil {
		return out, err
	}
	out.fresh = list[:0]
	for i, why := range verdict {
		switch {
		case why == nil:
			out.fresh = append(out.fresh, list[i])
		case errors.Is(why, assets.ErrKnown):
			out.Known++
		default:
			rows[i].reason = assetAdvice(why)
			out.bad = append(out.bad, rows[i])
		}
	}
	out.Bad, out.Converted = len(out.bad), read.moved
	return out, nil
}

func mapAssetColumns(head []string) (map[assetField]int, []string, error) {
	cols, ignored := map[assetField]int{}, []string(nil)
	for i, h := range head {
		f, ok := assetHeadings[strings.ToLower(strings.Join(strings.Fields(h), ""))]
		if _, taken := cols[f]; !ok || taken {
			if strings.TrimSpace(h) != "" {
				ignored = append(ignored, h)
			}
			continue
		}
		cols[f] = i
	}
	for f, name := range map[assetField]string{aID: "标识码 (id)", aLon: "经度 (lon)", aLat: "纬度 (lat)"} {
		if _, ok := cols[f]; !ok {
			return nil, nil, fmt.Errorf("没有“%s”这一列 / no such column (found: %s)", name, strings.Join(head, ", "))
		}
	}
	return cols, ignored, nil
}

// unitNames are the names under which a file may know a unit.
func unitNames(d *directory.Directory) map[string]string {
	out := map[string]string{}
	for _, u := range d.Units() {
		for _, n := range slices.Compact(append([]string{u.ID, u.Name, u.Short}, u.Aliases...)) {
			if other, ok := out[n]; ok && other != u.ID {
				out[n] = ""
			} else {
				out[n] = u.ID
			}
		}
	}
	return out
}

// twins takes rows whose id appears twice in the file out of the good ones: each names the other.
func twins(list []assets.Asset, rows, bad []row) ([]assets.Asset, []row, []row) {
	lines := map[string][]int{}
	for i, a := range list {
		lines[a.ID] = append(lines[a.ID], rows[i].line)
	}
	keep, kept := list[:0:0], rows[:0:0]
	for i, a := range list {
		same := lines[a.ID]
		if len(same) == 1 {
			keep, kept = append(keep, a), append(kept, rows[i])
			continue
		}
		var others []string
		for _, n := range same {
			if n != rows[i].line && len(others) < 5 {
				others = append(others, strconv.Itoa(n))
			}
		}
		r := rows[i]
		r.reason = fmt.Sprintf("标识码 %s 与第 %s 行重复 / the id %s stands in row %s too", a.ID, strings.Join(others, "、"), a.ID, strings.Join(others, ", "))
		bad = append(bad, r)
	}
	return keep, kept, bad
}

// rowError is a fault in words for the person who made the file.
type rowError struct{ zh, en string }

func (e *rowError) Error() string { return e.zh + " / " + e.en }

func faulty(zh, en string, args ...any) error {
	return &rowError{fmt.Sprintf(zh, args...), fmt.Sprintf(en, args...)}
}

func (x *assetRow) asset(r row) (assets.Asset, error) {
	get := func(f assetField) string {
		i, ok := x.cols[f]
		if !ok || i >= len(r.cells) {
			return ""
		}
		return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(r.cells[i]), "'"))
	}
	a := assets.Asset{ID: get(aID), Name: clip(get(aName), 30), Owner: clip(get(aOwner), 100), Address: clip(get(aAddress), 200)}
	var ok bool
	if a.State, ok = assetStates[get(aState)]; !ok {
		return a, faulty("状态“%s”应为 完好、破损、丢失、废弃 或 移除", "state %s must be intact, damaged, lost, abandoned or removed", get(aState))
	}
	if u := get(aUnit); u != "" {
		if a.Unit = x.units[u]; a.Unit == "" {
			return a, faulty("养护单位“%s”不在单位表里，或有几个单位同名，请填单位编号", "unit %s is not in the unit list, or several have that name; give its id", u)
		}
	}
	var err error
	if a.Point, err = x.point(get(aLon), get(aLat), get(aSystem)); err != nil {
		return a, err
	}
	if s := get(aSince); s != "" {
		if a.Since, err = day(s); err != nil {
			return a, faulty("日期“%s”请写成 2019-08-05", "write the date %s as 2019-08-05", s)
		}
	}
	switch get(aMadeUp) {
	case "", "否", "no", "false", "0":
	case "是", "yes", "true", "1":
		a.MadeUp = true
	default:
		return a, faulty("“虚构”应为 是 或 否", "made_up must be yes or no")
	}
	return a, nil
}

// point reads coordinates in the system the row declares; GCJ-02 and BD-09 are converted here and never stored.
func (x *assetRow) point(lon, lat, system string) (orb.Point, error) {
	sys, err := geo.ParseSystem(system)
	if err != nil {
		return orb.Point{}, faulty("不认识的坐标系“%s”，请用 CGCS2000、WGS84、GCJ-02 或 BD-09", "unknown coordinate system %s; use CGCS2000, WGS84, GCJ-02 or BD-09", system)
	}
	e, err1 := strconv.ParseFloat(lon, 64)
	n, err2 := strconv.ParseFloat(lat, 64)
	at := geo.Point{Lon: e, Lat: n}
	switch {
	case err1 == nil && err2 == nil && e < 60 && n > 60:
		return orb.Point{}, faulty("经度和纬度好像填反了（%s，%s）", "longitude and latitude seem to be exchanged (%s, %s)", lon, lat)
	case err1 != nil || err2 != nil || !geo.Valid(at):
		return orb.Point{}, faulty("经纬度“%s，%s”应为度数，如 126.581650、42.048134", "longitude and latitude %s, %s must be degrees such as 126.581650, 42.048134", lon, lat)
	}
	if to := geo.ToCGCS2000(at, sys); to != at {
		at = to
		x.moved++
	}
	return orb.Point{at.Lon, at.Lat}, nil
}

func day(s string) (string, error) {
	for _, layout := range []string{"2006-01-02", "20060102", "2006/1/2", "2006-1-2", "2006年1月2日"} {
		if t, err := time.Parse(layout, s); err == nil && t.Year() >= 1900 && t.Year() <= 2200 {
			return t.Format("2006-01-02"), nil
		}
	}
	return "", errors.New("exchange: no date")
}

// assetAdvice is what the person who made the file reads beside a bad row.
func assetAdvice(err error) string {
	if c, ok := errors.AsType[*assets.CodeError](err); ok {
		return c.ZH + " / " + c.EN
	}
	if f, ok := errors.AsType[form.Faults](err); ok {
		return f.Error()
	}
	switch {
	case errors.Is(err, assets.ErrTaken):
		return "这个标识码已登记，内容不同；要修改请在部件页面操作 / this id is registered with other contents; change it on the page of the asset"
	case errors.Is(err, assets.ErrOutside):
		return "坐标不在本区范围内，请检查经纬度和坐标系 / the point lies outside the district; check coordinates and their system"
	}
	return err.Error()
}
