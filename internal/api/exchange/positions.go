package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"weixiao/internal/access"
	"weixiao/internal/directory/posts"
	"weixiao/internal/files/sheet"
	"weixiao/internal/form"
	"weixiao/internal/geo"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/web"
)

type trackField int

const (
	tDevice trackField = iota
	tTime
	tLon
	tLat
	tSystem
	tSpeed
	tHeading
	tBrush
)

// trackHeadings are understood without blanks and in lower case.
var trackHeadings = map[string]trackField{
	"device": tDevice, "终端号": tDevice, "设备号": tDevice, "终端编号": tDevice, "time": tTime, "时间": tTime, "定位时间": tTime,
	"lon": tLon, "lng": tLon, "longitude": tLon, "经度": tLon, "lat": tLat, "latitude": tLat, "纬度": tLat, "crs": tSystem, "坐标系": tSystem,
	"speed": tSpeed, "速度": tSpeed, "heading": tHeading, "方向": tHeading, "brush": tBrush, "作业": tBrush, "扫刷": tBrush,
}

// trackMust are the columns that a file of positions cannot do without.
var trackMust = []struct {
	f    trackField
	name string
}{{tDevice, "终端号"}, {tTime, "时间"}, {tLon, "经度"}, {tLat, "纬度"}, {tBrush, "作业"}}

// track is a position with the row it came from.
type track struct {
	row
	at sanitation.Position
}

// ImportPositions takes the positions of a CSV or XLSX file in through the same verb as the API; degrees are WGS-84 where a
// row names no system, as terminals send them. With one bad row nothing is taken in, and a copy of the file
// (name-rejected.csv or .xlsx) says why. Positions that are known count as such, so a file may be brought twice.
func ImportPositions(ctx context.Context, s *sanitation.Sanitation, sc access.Scope, name string) (Result, error) {
	t, err := readTable(name)
	if err != nil {
		return Result{}, err
	}
	list, bad, out, err := readTracks(s, sc, t)
	if err != nil {
		return Result{}, err
	}
	if out.Bad = len(bad); out.Bad > 0 {
		out.Rejects, err = t.reject(name, bad)
		return out, err
	}
	out.Added, out.Known, err = takeTracks(ctx, s, sc, list)
	return out, err
}

// positionFiles is the import page's way to the same.
func positionFiles(s *sanitation.Sanitation) web.Importer {
	must := make([]string, len(trackMust))
	for i, m := range trackMust {
		must[i] = m.name
	}
	return web.Importer{Kind: "positions", Roles: []string{access.Inspector, access.Department, access.DeptLead}, All: named(trackHeadings), Must: must, May: s.MayBring,
		Load: func(ctx context.Context, sc access.Scope, t *sheet.Table, do bool) (posts.Report, error) {
			list, bad, x, err := readTracks(s, sc, &table{t})
			if err != nil {
				return posts.Report{}, refusal(err)
			}
			out := posts.Report{Rows: x.Rows, Added: len(list), Bad: rowErrors(bad), Ignored: x.Ignored}
			if !do || len(bad) > 0 {
				return out, nil
			}
			out.Added, out.Known, err = takeTracks(ctx, s, sc, list)
			out.Done = err == nil
			return out, err
		}}
}

func readTracks(s *sanitation.Sanitation, sc access.Scope, t *table) (list []track, bad []row, out Result, err error) {
	cols := map[trackField]int{}
	for i, h := range t.Head {
		f, ok := trackHeadings[strings.ToLower(strings.Join(strings.Fields(h), ""))]
		if _, taken := cols[f]; ok && !taken {
			cols[f] = i
		} else if strings.TrimSpace(h) != "" {
			out.Ignored = append(out.Ignored, h)
		}
	}
	for _, m := range trackMust {
		if _, ok := cols[m.f]; !ok {
			return nil, nil, out, fmt.Errorf("没有“%s”这一列 / no such column (found: %s)", m.name, strings.Join(t.Head, ", "))
		}
	}
	for r := range t.rows() {
		out.Rows++
		p, err := readTrack(cols, r)
		if err == nil {
			err = trackVerdict(s.Judge(sc, p))
		}
		if err != nil {
			r.reason = err.Error()
			bad = append(bad, r)
			continue
		}
		list = append(list, track{r, p})
	}
	return list, bad, out, nil
}

func readTrack(cols map[trackField]int, r row) (sanitation.Position, error) {
	get := func(f trackField) string {
		i, ok := cols[f]
		if !ok || i >= len(r.cells) {
			return ""
		}
		return strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(r.cells[i]), "'"))
	}
	var none sanitation.Position
	at, err := trackTime(get(tTime))
	if err != nil {
		return none, faulty("时间“%s”请写成 2022-11-23 06:00:01", "write the time %s as 2022-11-23 06:00:01", get(tTime))
	}
	sys := geo.WGS84
	if s := get(tSystem); s != "" {
		if sys, err = geo.ParseSystem(s); err != nil {
			return none, faulty("不认识的坐标系“%s”，请用 CGCS2000、WGS84、GCJ-02 或 BD-09", "unknown coordinate system %s; use CGCS2000, WGS84, GCJ-02 or BD-09", s)
		}
	}
	number := func(f trackField) (float64, error) {
		if get(f) == "" && (f == tSpeed || f == tHeading) {
			return 0, nil
		}
		return strconv.ParseFloat(get(f), 64)
	}
	lon, err1 := number(tLon)
	lat, err2 := number(tLat)
	speed, err3 := number(tSpeed)
	heading, err4 := number(tHeading)
	if err := errors.Join(err1, err2, err3, err4); err != nil {
		return none, faulty("经度、纬度、速度和方向应为数字", "longitude, latitude, speed and heading must be numbers")
	}
	if lon < 60 && lat > 60 {
		return none, faulty("经度和纬度好像填反了（%s，%s）", "longitude and latitude seem to be exchanged (%s, %s)", get(tLon), get(tLat))
	}
	var brush bool
	switch strings.ToLower(get(tBrush)) {
	case "", "否", "no", "false", "0":
	case "是", "yes", "true", "1":
		brush = true
	default:
		return none, faulty("“作业”应为 是 或 否", "brush must be yes or no")
	}
	p, err := sanitation.NewPosition(get(tDevice), at, geo.Point{Lon: lon, Lat: lat}, sys, speed, heading, brush)
	if x, ok := errors.AsType[*sanitation.BadError](err); ok {
		what := map[string]string{"place": "经纬度", "speed": "速度（公里/小时，0–200）", "heading": "方向（度，0–360）"}[x.What]
		return none, &rowError{what + "不可能", "the " + x.What + " cannot be"}
	}
	return p, err
}

// trackTime reads a second: with its zone, or in local time.
func trackTime(s string) (time.Time, error) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, nil
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006/1/2 15:04:05", "2006-01-02T15:04:05", "20060102150405"} {
		if t, err := time.ParseInLocation(layout, s, zone); err == nil {
			return t, nil
		}
	}
	return form.ParseMoment(s)
}

func trackVerdict(v sanitation.Verdict) error {
	switch v {
	case sanitation.UnknownDevice:
		return faulty("终端号不是您能报送的车辆", "the device is no machine of yours")
	case sanitation.TooEarly:
		return faulty("时间在以后，请检查终端的时钟", "the time is to come: check the clock of the terminal")
	case sanitation.TooLate:
		return faulty("太晚了，这一天已经封存", "too late: the day is sealed")
	}
	return nil
}

// takeTracks takes positions in, a batch after the other.
func takeTracks(ctx context.Context, s *sanitation.Sanitation, sc access.Scope, list []track) (added, known int, err error) {
	for batch := range slices.Chunk(list, sanitation.MostPositions) {
		at := make([]sanitation.Position, len(batch))
		for i, x := range batch {
			at[i] = x.at
		}
		taken, err := s.Take(ctx, sc, at)
		if err != nil {
			return added, known, fmt.Errorf("stopped after %d positions, run it again to go on: %w", added+known, err)
		}
		added, known = added+taken.New, known+taken.Again
	}
	return added, known, nil
}
