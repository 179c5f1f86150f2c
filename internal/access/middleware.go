package access

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Names of the session cookie. A browser takes a __Host- cookie only over TLS,
// from this very host, for the whole of it: no sister site can plant one.
const (
	cookieTLS   = "__Host-weixiao"
	cookiePlain = "weixiao"
)

// CSP is the content security policy of every page. style-src-attr is for the
// widths of bars and the places of map markers.
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; " +
	"connect-src 'self'; font-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// Middleware stands before everything: it sets the security headers, finds out
// where the request comes from and who asks (From, Client), and refuses requests
// forged by other sites. Handlers of assets overwrite Cache-Control.
func (g *Gate) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secure := g.secure(r)
		setHeaders(w.Header(), secure)
		r = r.WithContext(context.WithValue(r.Context(), clientKey{}, limitKey(g.clientAddr(r))))
		p, err := g.identify(r, secure)
		if err != nil {
			g.opt.Error(w, r, err)
			return
		}
		r = r.WithContext(With(r.Context(), p))
		if err := g.sameSite(r, p); err != nil {
			g.deny(r, "", "cross-site")
			g.opt.Error(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// setHeaders: the Referrer-Policy is same-origin, not no-referrer. Both tell other
// sites nothing, but under no-referrer browsers send "Origin: null" with our own
// forms, and those without Sec-Fetch-Site (Safari before 16.4, plain HTTP) would
// be taken for forged.
func setHeaders(h http.Header, secure bool) {
	h.Set("Content-Security-Policy", CSP)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=(), serial=(), bluetooth=(), midi=(), display-capture=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	if secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// identify finds the principal. A request with an Authorization header is a
// program: its cookies do not count.
func (g *Gate) identify(r *http.Request, secure bool) (Principal, error) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, token, _ := strings.Cut(h, " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return Principal{District: g.opt.District}, nil
		}
		if token = strings.TrimSpace(token); strings.HasPrefix(token, KeyPrefix) {
			return g.keyed(r, token)
		}
		return g.Lookup(r.Context(), token, Bearer)
	}
	return g.Lookup(r.Context(), cookieToken(r, secure), Cookie)
}

// keyed finds the program behind a key; tries of an address are limited. As with a session
// that is over, a key that opens nothing leaves its sender anonymous.
func (g *Gate) keyed(r *http.Request, key string) (Principal, error) {
	p, err := g.CheckKey(r.Context(), key, "")
	if errors.Is(err, ErrSignIn) {
		return Principal{District: g.opt.District}, g.Allow("key.client", Client(r.Context()))
	}
	return p, err
}

// cookieToken is the token in the session cookie; "" if there is none or several.
func cookieToken(r *http.Request, secure bool) string {
	name := cookiePlain
	if secure {
		name = cookieTLS
	}
	if c := r.CookiesNamed(name); len(c) == 1 {
		return c[0].Value
	}
	return ""
}

// sameSite refuses unsafe requests from other sites. A bearer token is never sent
// by a browser on its own, so nobody can forge a request with one. With a cookie,
// silence about where the request comes from is not enough.
func (g *Gate) sameSite(r *http.Request, p Principal) error {
	if p.Kind == Bearer || p.Kind == Key {
		return nil
	}
	if g.origin.Check(r) != nil {
		return ErrCrossSite
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	if p.Kind == Cookie && r.Header.Get("Origin") == "" && r.Header.Get("Sec-Fetch-Site") == "" {
		return ErrCrossSite
	}
	return nil
}

// SetCookie hands a new session to the browser. It lasts until the browser is
// closed; the server ends it earlier. ErrPlain when the way is neither TLS nor
// loopback: ask CanSignIn before.
func (g *Gate) SetCookie(w http.ResponseWriter, r *http.Request, s Session) error {
	if s.Kind != Cookie {
		return fmt.Errorf("access: a session of kind %q is no cookie", s.Kind)
	}
	if err := g.CanSignIn(r); err != nil {
		return err
	}
	http.SetCookie(w, g.cookie(r, s.Token, 0))
	http.SetCookie(w, &http.Cookie{Name: WhoCookie, Value: s.Account, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, Secure: g.secure(r)})
	return nil
}

// WhoCookie holds the id of the account that signed in last, for scripts: pages that
// keep something on the device show it to nobody else, also without a signal. It opens
// nothing.
const WhoCookie = "weixiao-who"

// ClearCookie takes the session from the browser.
func (g *Gate) ClearCookie(w http.ResponseWriter, r *http.Request) {
	http.SetCookie(w, g.cookie(r, "", -1))
}

func (g *Gate) cookie(r *http.Request, value string, maxAge int) *http.Cookie {
	c := &http.Cookie{Name: cookiePlain, Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if g.secure(r) {
		c.Name, c.Secure = cookieTLS, true
	}
	return c
}

// CanSignIn refuses to take passwords over an open wire.
func (g *Gate) CanSignIn(r *http.Request) error {
	if g.secure(r) || loopback(r) || g.opt.AllowPlain {
		return nil
	}
	return ErrPlain
}

// OldToken is the session token the browser brought, for Attempt.Old.
func (g *Gate) OldToken(r *http.Request) string { return cookieToken(r, g.secure(r)) }

// wantsPage reports whether a person is looking at the answer: a browser opening
// a page, not a script, a program or a form whose text must not get lost.
func wantsPage(r *http.Request) bool {
	mode := r.Header.Get("Sec-Fetch-Mode")
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html") &&
		(mode == "" || mode == "navigate") && r.Header.Get("HX-Request") == "" && r.Header.Get("Authorization") == ""
}

// gone reports whether an error only says that the client went away.
func gone(err error) bool { return errors.Is(err, context.Canceled) }
