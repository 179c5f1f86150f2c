// Package config declares every option of the program once: its name in
// weixiao.toml, its environment variable (WEIXIAO_ + name in capitals), its
// command-line flag, its default and its help. Flags win over the environment,
// the environment over the file, the file over the default. Unknown keys in the
// file and unknown WEIXIAO_ variables are errors.
package config

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// Option is one thing that can be configured.
type Option struct {
	Name    string
	Default string
	Help    string
	Secret  bool // never printed
}

// Options lists everything, in the order of the documentation.
func Options() []Option {
	return []Option{
		{"database", "sqlite:weixiao.db", "sqlite:FILE, or postgres://USER:PASSWORD@HOST/NAME", true},
		{"addr", "127.0.0.1:8080", "address to serve on", false},
		{"data", "", "folder for keys and files; default: FILE-data beside the SQLite file, weixiao-data/NAME for PostgreSQL", false},
		{"pack", "", "folder of the district pack; default: the embedded Jiangyuan pack", false},
		{"public_url", "", "address under which residents reach the portal, for links in messages", false},
		{"proxies", "", "addresses of our own reverse proxies (CIDR, comma separated); only they are believed about X-Forwarded-For", false},
		{"plain_http", "false", "true: people may sign in without HTTPS from other machines (only behind a proxy that ends TLS without telling)", false},
		{"password_rules", "asvs", "asvs or mlps3 (complexity and 90 days, as GB/T 22239 asks)", false},
		{"smtp", "", "smtp://USER:PASSWORD@HOST:PORT or smtps://…; empty sends no e-mail", true},
		{"mail_from", "", "sender of e-mail", false},
		{"sms_url", "", "address of the HTTP SMS provider; empty sends no SMS", true},
		{"sms_token", "", "bearer token for the SMS provider", true},
		{"log", "info", "debug, info, warn or error", false},
	}
}

// Config is what the program runs with.
type Config struct {
	values map[string]string
	from   map[string]string
	Dev    bool // serve --dev: accounts for every role, loopback only
}

// Get returns the value of an option. Asking for one that is not declared is a
// mistake in the program and panics.
func (c *Config) Get(name string) string {
	v, ok := c.values[name]
	if !ok {
		panic("config: option " + name + " is not declared")
	}
	return v
}

// Set sets an option, for commands that imply one.
func (c *Config) Set(name, value string) {
	_ = c.Get(name)
	c.values[name], c.from[name] = value, "command"
}

// Default returns the configuration without file and environment.
func Default() *Config {
	c := &Config{values: map[string]string{}, from: map[string]string{}}
	for _, o := range Options() {
		c.values[o.Name], c.from[o.Name] = o.Default, "default"
	}
	return c
}

// Flags declares the options as flags of a command and returns a function that,
// after parsing, gives the configuration.
func Flags(fset *flag.FlagSet) func() (*Config, error) {
	given := map[string]*string{}
	for _, o := range Options() {
		given[o.Name] = fset.String(strings.ReplaceAll(o.Name, "_", "-"), "", o.Help+" (default \""+o.Default+"\")")
	}
	file := fset.String("config", "", "configuration file (default: weixiao.toml when it is there)")
	return func() (*Config, error) {
		c := Default()
		if err := c.readFile(*file); err != nil {
			return nil, err
		}
		if err := c.readEnv(os.Environ()); err != nil {
			return nil, err
		}
		fset.Visit(func(f *flag.Flag) {
			if v, ok := given[strings.ReplaceAll(f.Name, "-", "_")]; ok {
				c.values[strings.ReplaceAll(f.Name, "-", "_")], c.from[strings.ReplaceAll(f.Name, "-", "_")] = *v, "flag"
			}
		})
		return c, c.check()
	}
}

func (c *Config) readFile(name string) error {
	given := name != ""
	if !given {
		name = "weixiao.toml"
	}
	b, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !given {
		return nil
	}
	if err != nil {
		return fmt.Errorf("config: %w", err)
	}
	var raw map[string]any
	if err := toml.Unmarshal(b, &raw); err != nil {
		return fmt.Errorf("config: %s: %w", name, err)
	}
	for k, v := range raw {
		if _, ok := c.values[k]; !ok {
			return fmt.Errorf("config: %s: unknown key %q; known are %s", name, k, strings.Join(names(), ", "))
		}
		switch v := v.(type) {
		case string:
			c.values[k] = v
		case bool, int64:
			c.values[k] = fmt.Sprint(v)
		default:
			return fmt.Errorf("config: %s: %s must be a word, a number, true or false", name, k)
		}
		c.from[k] = name
	}
	return nil
}

func (c *Config) readEnv(environ []string) error {
	for _, e := range environ {
		k, v, _ := strings.Cut(e, "=")
		rest, ok := strings.CutPrefix(k, "WEIXIAO_")
		if !ok || strings.HasPrefix(rest, "TEST_") || rest == "CI" {
			continue
		}
		name := strings.ToLower(rest)
		if _, known := c.values[name]; !known {
			return fmt.Errorf("config: unknown variable %s; known are WEIXIAO_ and one of %s in capitals", k, strings.Join(names(), ", "))
		}
		c.values[name], c.from[name] = v, k
	}
	return nil
}

func names() []string {
	var out []string
	for _, o := range Options() {
		out = append(out, o.Name)
	}
	return out
}

func (c *Config) check() error {
	if _, _, err := net.SplitHostPort(c.Get("addr")); err != nil {
		return fmt.Errorf("config: addr %q: write HOST:PORT", c.Get("addr"))
	}
	if v := c.Get("plain_http"); v != "true" && v != "false" {
		return fmt.Errorf("config: plain_http is %q: write true or false", v)
	}
	if v := c.Get("password_rules"); v != "asvs" && v != "mlps3" {
		return fmt.Errorf("config: password_rules is %q: write asvs or mlps3", v)
	}
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Get("log")) {
		return fmt.Errorf("config: log is %q: write debug, info, warn or error", c.Get("log"))
	}
	_, err := c.Proxies()
	return err
}

// Proxies returns the addresses of our own reverse proxies.
func (c *Config) Proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for s := range strings.SplitSeq(c.Get("proxies"), ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, aerr := netip.ParseAddr(s)
			if aerr != nil {
				return nil, fmt.Errorf("config: proxies: %q is neither an address nor a CIDR", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, p)
	}
	return out, nil
}

// Loopback reports whether the address to serve on is a loopback one.
func (c *Config) Loopback() bool {
	host, _, err := net.SplitHostPort(c.Get("addr"))
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// Folder is the folder for keys and files.
func (c *Config) Folder() string {
	if d := c.Get("data"); d != "" {
		return d
	}
	if f, ok := strings.CutPrefix(c.Get("database"), "sqlite:"); ok {
		return f + "-data"
	}
	name := "postgres"
	if u, err := url.Parse(c.Get("database")); err == nil && strings.Trim(u.Path, "/") != "" {
		name = filepath.Base(u.Path)
	}
	return filepath.Join("weixiao-data", name)
}

// Describe lists every option with its value and where it came from; secrets are
// left out.
func (c *Config) Describe() string {
	var b strings.Builder
	for _, o := range Options() {
		v := c.Get(o.Name)
		if o.Secret && v != "" && v != o.Default {
			v = "(set)"
		}
		fmt.Fprintf(&b, "%s = %q # %s; %s\n", o.Name, v, c.from[o.Name], o.Help)
	}
	return b.String()
}
