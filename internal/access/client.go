package access

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

type clientKey struct{}

// Client is the key for limits per client: the IPv4 address, or the /64 of an
// IPv6 address, which is what one subscriber has. "" outside of a request.
func Client(ctx context.Context) string {
	s, _ := ctx.Value(clientKey{}).(string)
	return s
}

// limitKey widens an address to what one subscriber has.
func limitKey(a netip.Addr) string {
	if !a.IsValid() {
		return "unknown"
	}
	if a.Is6() {
		p, _ := a.Prefix(64) // cannot fail for an IPv6 address
		return p.String()
	}
	return a.String()
}

func (g *Gate) trusted(a netip.Addr) bool {
	return slices.ContainsFunc(g.opt.Proxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// clientAddr is the address of the client: that of the connection, unless it is
// one of our proxies; then the last address in X-Forwarded-For that is not. What
// stands before it may have been written by the client itself.
func (g *Gate) clientAddr(r *http.Request) netip.Addr {
	a := parseAddr(r.RemoteAddr)
	if !a.IsValid() || !g.trusted(a) {
		return a
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, h := range slices.Backward(hops) {
		next := parseAddr(strings.TrimSpace(h))
		if !next.IsValid() {
			return a
		}
		if a = next; !g.trusted(a) {
			return a
		}
	}
	return a
}

// parseAddr reads an address with or without a port.
func parseAddr(s string) netip.Addr {
	if len(s) > 64 {
		return netip.Addr{}
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		ap, err := netip.ParseAddrPort(s)
		if err != nil {
			return netip.Addr{}
		}
		a = ap.Addr()
	}
	return a.Unmap().WithZone("")
}

// secure reports whether the browser speaks TLS, to us or to our proxy.
func (g *Gate) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	a := parseAddr(r.RemoteAddr)
	return a.IsValid() && g.trusted(a) && r.Header.Get("X-Forwarded-Proto") == "https"
}

// loopback reports whether the browser runs on this machine, or reaches it as if
// it did (a tunnel). Browsers count these names as safe without TLS.
func loopback(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if a, err := netip.ParseAddr(host); err == nil {
		return a.Unmap().IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
