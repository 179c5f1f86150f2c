package pack

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// strict reads a YAML file into v; unknown keys and wrong types are problems
// with their lines. False if the file is absent or has a problem.
func (r *reader) strict(file string, v any) bool {
	data, ok := r.files[file]
	if !ok {
		return false
	}
	in := yaml.NewDecoder(bytes.NewReader(data))
	in.KnownFields(true)
	err := in.Decode(v)
	if err == nil {
		return true
	}
	if errors.Is(err, io.EOF) {
		r.add(file, 1, "文件是空的", "the file is empty")
		return false
	}
	messages := []string{err.Error()}
	if bad := (*yaml.TypeError)(nil); errors.As(err, &bad) {
		messages = bad.Errors
	}
	for _, m := range messages {
		line, zh, en := explainYAML(m)
		r.add(file, line, zh, en)
	}
	return false
}

var (
	yamlLine    = regexp.MustCompile(`line (\d+): `)
	yamlUnknown = regexp.MustCompile(`field (\S+) not found in type`)
	yamlType    = regexp.MustCompile("cannot unmarshal \\S+ `?([^`]*)`? into (\\S+)")
)

// explainYAML turns a message of the YAML library into line and words.
func explainYAML(m string) (line int, zh, en string) {
	if at := yamlLine.FindStringSubmatch(m); at != nil {
		line, _ = strconv.Atoi(at[1])
		m = strings.Replace(m, at[0], "", 1)
	}
	m = strings.TrimPrefix(m, "yaml: ")
	if f := yamlUnknown.FindStringSubmatch(m); f != nil {
		return line, "不认识的项目“" + f[1] + "”，请检查拼写或删去", "unknown key " + f[1] + "; correct or remove it"
	}
	if f := yamlType.FindStringSubmatch(m); f != nil {
		return line, "“" + strings.TrimSpace(f[1]) + "”填写的类型不对", "wrong kind of value " + strings.TrimSpace(f[1]) + " for " + f[2]
	}
	return line, "YAML 格式有误，请检查缩进和冒号：" + m, "not valid YAML: " + m
}

// lines are the line numbers of the members of the list under key at the top of
// a YAML file.
func (r *reader) lines(file, key string) []spot {
	var doc yaml.Node
	if yaml.Unmarshal(r.files[file], &doc) != nil || len(doc.Content) == 0 {
		return nil
	}
	top := doc.Content[0]
	for i := 0; i+1 < len(top.Content); i += 2 {
		if top.Content[i].Value != key {
			continue
		}
		var at []spot
		for _, member := range top.Content[i+1].Content {
			at = append(at, spot{file, member.Line})
		}
		return at
	}
	return nil
}

// lineOf is the line of a member, 0 if unknown.
func lineOf(at []spot, i int) int {
	if i < len(at) {
		return at[i].line
	}
	return 0
}
