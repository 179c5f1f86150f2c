package access

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"weixiao/internal/flow"
	"weixiao/internal/form"
	"weixiao/internal/store"
)

// Kinds of refusal. A missing right is flow.ErrForbidden, a missing or unreachable
// row store.ErrNotFound, wrong answers form.Faults.
var (
	ErrSignIn     = errors.New("access: not signed in")
	ErrWrong      = errors.New("access: login or password is wrong")
	ErrStale      = errors.New("access: the record was changed meanwhile") // If-Match does not hold
	ErrMustChange = errors.New("access: the password must be changed first")
	ErrCrossSite  = errors.New("access: the request comes from another site, or from a program that does not say where from; open the page again and repeat, programs use a bearer token")
	ErrPlain      = errors.New("access: signing in needs HTTPS")
	ErrCode       = errors.New("access: the code is wrong, used or expired")
	ErrMethod     = errors.New("access: the method is not allowed here")
	ErrPanic      = errors.New("access: a handler broke down")
	ErrBusy       = fmt.Errorf("access: too many at once: %w", store.ErrBusy)
)

// ErrTooMany says that a limit is used up and when to come back.
type ErrTooMany struct{ RetryAfter time.Duration }

func (e ErrTooMany) Error() string {
	return fmt.Sprintf("access: too many tries, come back in %s", e.RetryAfter.Round(time.Second))
}

// ErrLocked tells somebody who knows the password that the account is locked.
type ErrLocked struct{ Until time.Time }

func (e ErrLocked) Error() string { return "access: the account is locked for a while" }

// Status is the HTTP status of an error, and after how long to try again (0 =
// not said). Unknown errors are faults of ours: 500.
func Status(err error) (code int, retry time.Duration) {
	if e, ok := errors.AsType[ErrTooMany](err); ok {
		return http.StatusTooManyRequests, e.RetryAfter
	}
	if _, ok := errors.AsType[ErrLocked](err); ok {
		return http.StatusForbidden, 0
	}
	if _, ok := errors.AsType[form.Faults](err); ok {
		return http.StatusUnprocessableEntity, 0
	}
	if _, ok := errors.AsType[flow.Worded](err); ok {
		return http.StatusUnprocessableEntity, 0
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge, 0
	}
	for _, k := range statuses {
		if errors.Is(err, k.err) {
			return k.code, k.retry
		}
	}
	if err == nil {
		return http.StatusOK, 0
	}
	return http.StatusInternalServerError, 0
}

var statuses = []struct {
	err   error
	code  int
	retry time.Duration
}{
	{store.ErrNotFound, http.StatusNotFound, 0},
	{flow.ErrUnknown, http.StatusNotFound, 0},
	{flow.ErrForbidden, http.StatusForbidden, 0},
	{ErrMustChange, http.StatusForbidden, 0},
	{ErrCrossSite, http.StatusForbidden, 0},
	{ErrPlain, http.StatusForbidden, 0},
	{ErrCode, http.StatusForbidden, 0},
	{ErrSignIn, http.StatusUnauthorized, 0},
	{ErrWrong, http.StatusUnauthorized, 0},
	{flow.ErrState, http.StatusConflict, 0},
	{store.ErrReused, http.StatusUnprocessableEntity, 0},
	{store.ErrConflict, http.StatusConflict, 0},
	{ErrStale, http.StatusPreconditionFailed, 0},
	{ErrMethod, http.StatusMethodNotAllowed, 0},
	{store.ErrBusy, http.StatusServiceUnavailable, 2 * time.Second},
	{store.ErrDown, http.StatusServiceUnavailable, 5 * time.Second},
	{store.ErrClosed, http.StatusServiceUnavailable, 5 * time.Second},
	{store.ErrFull, http.StatusInsufficientStorage, time.Minute},
}

// SetRetryAfter writes the header of that name in whole seconds, rounded up.
func SetRetryAfter(h http.Header, d time.Duration) {
	if d > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
	}
}

// bareError answers when the caller gave no error page.
func bareError(w http.ResponseWriter, _ *http.Request, err error) {
	code, retry := Status(err)
	SetRetryAfter(w.Header(), retry)
	text := http.StatusText(code)
	if errors.Is(err, ErrCrossSite) {
		text = ErrCrossSite.Error()
	}
	http.Error(w, text, code)
}
