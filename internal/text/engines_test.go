package text

import (
	"context"
	"database/sql"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	_ "modernc.org/sqlite"

	"weixiao/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// Texts and queries for the engines: real sentences, and everything that could break a quotation or a tokenizer.
var (
	engineTexts = []string{
		"金源小区3号楼2单元501室楼道灯不亮", "金源小区 5 栋路灯坏了，三天没人修", "望京西园四区电梯停运", "消防通道占用，叫110也没用", "App 办理不了，使用WeChat小程序也不行",
		"路灯", "灯", "灯 坏", "A3区望京", "JY20221123-7K3Q9", "It's a 'quoted' \\ text \"here\"", "café Straße naïve Ω", "𠮷野家 㐀㐁", "서울 주민 센터", "カラオケの騒音",
		"привет мир", "قىرغىز", "བོད་ཡིག", "２０２２年１１月２３日", "<b>x</b> & | ! ( ) :* <->", "50%的人_都", "", "，。", "3.5万元", "5栋15栋", "第3单元",
		"e\u0301te\u0301", "①②③ ㎡", "a\u200bb 路\u200b灯", "ﬁnal ﬂow", "々〇仝",
	}
	engineQueries = []string{
		"路灯", "灯", "电梯", "5栋", "3号楼", "501室", "A3区", "app办理", "APP 办理", "wechat", "jy20221123-7k3q9", "it's", "'", `\`, `"`, "quoted", "cafe", "CAFÉ", "straße",
		"𠮷野", "㐀㐁", "서울", "カラオケ", "привет", "قىرغىز", "བོད", "2022年", "x", "&|!", "5", "15栋", "第3", "été", "m2", "ab", "路 灯", "final", "3.5万", "NOT 路灯", "路灯 OR 电梯", "路灯*",
		"楼道灯不亮 金源", "仝", "々〇",
	}
)

// corpusForEngines adds random texts and queries to the lists; the same ones in each run.
func corpusForEngines() (texts, queries []string) {
	r := rand.New(rand.NewPCG(7, 7))
	alphabet := []rune("路灯坏了小区电梯单元室 ,'\\\"5aé𠮷가カ🏠&|:*")
	random := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteRune(alphabet[r.IntN(len(alphabet))])
		}
		return b.String()
	}
	texts, queries = slices.Clone(engineTexts), slices.Clone(engineQueries)
	for range 400 {
		texts = append(texts, random(1+r.IntN(25)))
	}
	for range 300 {
		queries = append(queries, random(1+r.IntN(4)))
	}
	return texts, queries
}

// expected is what any engine must answer: the texts whose tokens hold all tokens of the query.
func expected(texts []string, query string) []int {
	var hits []int
	q := tokens(query, MaxQueryTokens, true)
	for id, s := range texts {
		index := Tokens(s)
		if len(q) > 0 && !slices.ContainsFunc(q, func(t string) bool { return !slices.Contains(index, t) }) {
			hits = append(hits, id)
		}
	}
	return hits
}

func TestSQLiteFindsTheSame(t *testing.T) {
	for _, options := range []string{
		"tokenize='unicode61', content='', contentless_delete=1",
		"tokenize='unicode61 remove_diacritics 0', content='', detail=none",
	} {
		t.Run(options, func(t *testing.T) {
			db := openSQLite(t)
			exec := func(query string, args ...any) {
				t.Helper()
				if _, err := db.Exec(query, args...); err != nil {
					t.Fatal(err)
				}
			}
			exec("CREATE VIRTUAL TABLE f USING fts5(body, " + options + ")")
			texts, queries := corpusForEngines()
			for id, s := range texts {
				exec("INSERT INTO f (rowid, body) VALUES ($1, $2)", id, IndexText(s))
			}
			found := 0
			for _, q := range queries {
				match, ok := MatchFTS5(q)
				want := expected(texts, q)
				if !ok {
					continue
				}
				rows, err := db.Query("SELECT rowid FROM f WHERE f MATCH $1 ORDER BY rowid", match)
				if err != nil {
					t.Fatalf("query %q as %s: %v", q, match, err)
				}
				var got []int
				for rows.Next() {
					var id int
					if err := rows.Scan(&id); err != nil {
						t.Fatal(err)
					}
					got = append(got, id)
				}
				if err := rows.Err(); err != nil {
					t.Fatalf("query %q as %s: %v", q, match, err)
				}
				if !slices.Equal(got, want) {
					t.Errorf("query %q finds %v, want %v", q, got, want)
				}
				found += len(got)
			}
			if found < 500 {
				t.Errorf("only %d hits in all: the test says too little", found)
			}
		})
	}
}

func openSQLite(t *testing.T) *sql.DB {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// Each character that tokens hold unspelled must be a whole token to SQLite, else the engines would part ways.
func TestSQLiteKeepsPlainCharacters(t *testing.T) {
	db := openSQLite(t)
	var all []string
	for r := rune(0); r < 0x20000; r++ {
		if text, _, ok := spell(r); ok && text == string(r) {
			all = append(all, text)
		}
	}
	for _, q := range []string{
		"CREATE VIRTUAL TABLE f USING fts5(body, tokenize='unicode61')",
		"CREATE VIRTUAL TABLE v USING fts5vocab(f, 'row')",
	} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Exec("INSERT INTO f (body) VALUES ($1)", strings.Join(all, " ")); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query("SELECT term FROM v")
	if err != nil {
		t.Fatal(err)
	}
	terms := make(map[string]bool)
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		terms[s] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if !terms[s] {
			t.Errorf("SQLite does not keep %q (%U)", s, []rune(s)[0])
		}
	}
	t.Logf("%d characters", len(all))
}

func TestPostgreSQLFindsTheSame(t *testing.T) {
	conn := openPostgreSQL(t)
	ctx := t.Context()
	if _, err := conn.Exec(ctx, "CREATE TABLE f (id BIGINT PRIMARY KEY, search tsvector NOT NULL)"); err != nil {
		t.Fatal(err)
	}
	texts, queries := corpusForEngines()
	for id, s := range texts {
		if _, err := conn.Exec(ctx, "INSERT INTO f (id, search) VALUES ($1, $2::text::tsvector)", id, TSVector(s)); err != nil {
			t.Fatalf("text %q as %s: %v", s, TSVector(s), err)
		}
	}
	for _, q := range queries {
		query, ok := TSQuery(q)
		if !ok {
			continue
		}
		rows, err := conn.Query(ctx, "SELECT id FROM f WHERE search @@ $1::text::tsquery ORDER BY id", query)
		if err != nil {
			t.Fatal(err)
		}
		got, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err != nil {
			t.Fatalf("query %q as %s: %v", q, query, err)
		}
		if want := expected(texts, q); !slices.Equal(got, want) {
			t.Errorf("query %q finds %v, want %v", q, got, want)
		}
	}
	// The longest entry and lexemes with every special character must pass the casts too.
	var long strings.Builder
	for i := range 6000 {
		long.WriteString(strings.Repeat("я", 60) + strconv.Itoa(i) + " ")
	}
	for _, v := range []string{TSVector(long.String()), quoteLexemes([]string{`a'b\c`, `'`, `\`, `'''\\\`, ` `, `:1A`}, " ")} {
		if _, err := conn.Exec(ctx, "SELECT $1::text::tsvector", v); err != nil {
			t.Errorf("%d bytes: %v", len(v), err)
		}
	}
}

// openPostgreSQL connects to a fresh database; the test is skipped where there is no server.
func openPostgreSQL(t *testing.T) *pgx.Conn {
	conn, err := pgx.Connect(t.Context(), storetest.DSN(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}
