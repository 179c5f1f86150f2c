package app

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"weixiao/internal/access"
	"weixiao/internal/cases"
	"weixiao/internal/journal"
	"weixiao/internal/store"
)

// lagLimit is how many acts a follower may be behind before the node says that it
// is not ready.
const lagLimit = 5000

func (a *App) health(rt *access.Router) {
	open := access.Rule{Public: true, Why: "asked by load balancers and monitors; says nothing but yes or no"}
	rt.Handle("GET /healthz", open, func(w http.ResponseWriter, _ *http.Request) error {
		_, err := fmt.Fprintln(w, "ok")
		return err
	})
	rt.Handle("GET /readyz", open, func(w http.ResponseWriter, r *http.Request) error {
		if _, err := store.Get(r.Context(), a.DB, func(tx *store.Tx) (int64, error) { return journal.Head(tx, a.Pack.District) }); err != nil || a.DB.Err() != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, err := fmt.Fprintln(w, "the database does not answer")
			return err
		}
		for name, lag := range a.runner.Lag() {
			if lag > lagLimit {
				w.WriteHeader(http.StatusServiceUnavailable)
				_, err := fmt.Fprintf(w, "follower %s is %d acts behind\n", name, lag)
				return err
			}
		}
		_, err := fmt.Fprintln(w, "ready")
		return err
	})
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	lag := prometheus.NewDesc("weixiao_follower_lag_acts", "Acts a follower is behind.", []string{"follower"}, nil)
	reg.MustRegister(collect(func(ch chan<- prometheus.Metric) {
		for name, n := range a.runner.Lag() {
			ch <- prometheus.MustNewConstMetric(lag, prometheus.GaugeValue, float64(n), name)
		}
	}))
	fired := prometheus.NewDesc("weixiao_alarms_fired_total", "Reminders and escalations this node sent since it started.", []string{"action"}, nil)
	late := prometheus.NewDesc("weixiao_alarms_late_total", "Of them, those that came late through an outage.", nil, nil)
	waited := prometheus.NewDesc("weixiao_alarms_lag_seconds", "How long the reminder had been due that waited longest at the last look.", nil, nil)
	reg.MustRegister(collect(func(ch chan<- prometheus.Metric) {
		n := a.alarms.Counts()
		ch <- prometheus.MustNewConstMetric(fired, prometheus.CounterValue, float64(n.Reminded), cases.AlarmReminded)
		ch <- prometheus.MustNewConstMetric(fired, prometheus.CounterValue, float64(n.Escalated), cases.AlarmEscalated)
		ch <- prometheus.MustNewConstMetric(late, prometheus.CounterValue, float64(n.Late))
		ch <- prometheus.MustNewConstMetric(waited, prometheus.GaugeValue, n.Lag.Seconds())
	}))
	metrics := promhttp.HandlerFor(reg, promhttp.HandlerOpts{})
	rt.Handle("GET /metrics", access.Rule{Public: true, Why: "Prometheus text without personal data; answered on loopback only"},
		func(w http.ResponseWriter, r *http.Request) error {
			if !loopbackClient(r) {
				return store.ErrNotFound
			}
			metrics.ServeHTTP(w, r)
			return nil
		})
}

// collect is a collector from a function; it describes nothing in advance.
type collect func(chan<- prometheus.Metric)

func (collect) Describe(chan<- *prometheus.Desc)      {}
func (c collect) Collect(ch chan<- prometheus.Metric) { c(ch) }
