package exchange

import (
	"fmt"
	"strings"
	"time"

	"weixiao/internal/form"
)

type field int

const (
	fID field = iota
	fText
	fTitle
	fTime
	fKind
	fChannel
	fCategory
	fArea
	fPlace
	fName
	fPhone
	fAddress
)

type columns map[field]int

// headings that are understood, without blanks and in lower case.
var headings = map[string]field{
	"id": fID, "编号": fID, "工单编号": fID, "留言编号": fID, "message_id": fID, "case_id": fID,
	"text": fText, "description": fText, "body": fText, "内容": fText, "主要内容": fText, "诉求内容": fText, "留言详情": fText, "问题描述": fText,
	"title": fTitle, "标题": fTitle, "留言主题": fTitle, "主题": fTitle,
	"time": fTime, "date": fTime, "created_at": fTime, "时间": fTime, "日期": fTime, "留言时间": fTime, "来电时间": fTime, "受理时间": fTime,
	"kind": fKind, "类型": fKind, "工单类型": fKind, "诉求类型": fKind,
	"channel": fChannel, "渠道": fChannel, "来源": fChannel, "受理方式": fChannel,
	"label": fCategory, "category": fCategory, "一级标签": fCategory, "问题分类": fCategory, "类别": fCategory,
	"district": fArea, "被反映区": fArea, "街乡镇": fArea, "区域": fArea,
	"place": fPlace, "address_string": fPlace, "地点": fPlace, "小区点位": fPlace, "事发地点": fPlace, "river": fPlace, "河流": fPlace,
	"name": fName, "姓名": fName, "来电人": fName, "诉求人": fName,
	"phone": fPhone, "电话": fPhone, "手机": fPhone, "联系电话": fPhone,
	"address": fAddress, "住址": fAddress, "联系地址": fAddress,
}

var kinds = map[string]string{
	"咨询": "consult", "求助": "help", "投诉": "complaint", "举报": "report", "建议": "suggestion", "求决": "help",
	"consult": "consult", "help": "help", "complaint": "complaint", "report": "report", "suggestion": "suggestion", "": "",
}

// mapColumns finds the columns. The first of two columns with one meaning counts;
// headings without a meaning are returned.
func mapColumns(head []string) (columns, []string, error) {
	cols, ignored := columns{}, []string(nil)
	for i, h := range head {
		f, ok := headings[strings.ToLower(strings.Join(strings.Fields(h), ""))]
		if _, taken := cols[f]; !ok || taken {
			if strings.TrimSpace(h) != "" {
				ignored = append(ignored, h)
			}
			continue
		}
		cols[f] = i
	}
	if _, ok := cols[fText]; !ok {
		return nil, nil, fmt.Errorf("没有“内容”这一列 / no column with the words of the request: call it 内容 or text (found: %s)", strings.Join(head, ", "))
	}
	return cols, ignored, nil
}

// parseTime reads the dates that such files hold and returns RFC 3339.
func parseTime(s string) (string, error) {
	if t, err := form.ParseMoment(s); err == nil {
		return t.Format(time.RFC3339), nil
	}
	var last error
	for _, layout := range []string{"2006-01-02 15:04:05", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006-1-2", "2006/1/2", "2006年1月2日"} {
		t, err := time.ParseInLocation(layout, s, zone)
		if err == nil && t.Year() >= 1990 && t.Year() <= 2200 {
			return t.Format(time.RFC3339), nil
		}
		last = err
	}
	return "", last
}

var zone = time.FixedZone("Asia/Shanghai", 8*3600)
