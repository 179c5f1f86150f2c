package open311

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
	"time"
)

// zone is the one people of the district live in; every moment is written with it.
var zone = time.FixedZone("Asia/Shanghai", 8*3600)

// moment writes µs UTC as the protocol wants it: seconds and a zone.
func moment(us int64) string { return time.UnixMicro(us).In(zone).Format(time.RFC3339) }

// optional is a text that may be unknown: null in JSON, an empty element in XML.
type optional string

func (o optional) MarshalJSON() ([]byte, error) {
	if o == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(o))
}

// number is a figure as it is written, or "" for an unknown one.
type number string

func (n number) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return []byte(n), nil
}

func degrees(v float64) number { return number(strconv.FormatFloat(v, 'f', -1, 64)) }

type (
	// discovery says where the service is.
	discovery struct {
		XMLName    struct{}   `xml:"discovery" json:"-"`
		Changeset  string     `xml:"changeset" json:"changeset"`
		Contact    string     `xml:"contact" json:"contact"`
		KeyService string     `xml:"key_service" json:"key_service"`
		Endpoints  []endpoint `xml:"endpoints>endpoint" json:"endpoints"`
	}
	// endpoint is one address of it.
	endpoint struct {
		Specification string   `xml:"specification" json:"specification"`
		URL           string   `xml:"url" json:"url"`
		Changeset     string   `xml:"changeset" json:"changeset"`
		Type          string   `xml:"type" json:"type"`
		Formats       []string `xml:"formats>format" json:"formats"`
	}

	// service is one thing that can be reported.
	service struct {
		Code        string `xml:"service_code" json:"service_code"`
		Name        string `xml:"service_name" json:"service_name"`
		Description string `xml:"description" json:"description"`
		Metadata    bool   `xml:"metadata" json:"metadata"`
		Type        string `xml:"type" json:"type"`
		Keywords    string `xml:"keywords" json:"keywords"`
		Group       string `xml:"group" json:"group"`
	}
	servicesDocument struct {
		XMLName  struct{}  `xml:"services"`
		Services []service `xml:"service"`
	}

	// definition is what a service asks.
	definition struct {
		XMLName    struct{}    `xml:"service_definition" json:"-"`
		Code       string      `xml:"service_code" json:"service_code"`
		Attributes []attribute `xml:"attributes>attribute" json:"attributes"`
	}
	// attribute is one question as the protocol writes it.
	attribute struct {
		Variable    bool       `xml:"variable" json:"variable"`
		Code        string     `xml:"code" json:"code"`
		Datatype    string     `xml:"datatype" json:"datatype"`
		Required    bool       `xml:"required" json:"required"`
		Hint        optional   `xml:"datatype_description" json:"datatype_description"`
		Order       int        `xml:"order" json:"order"`
		Description string     `xml:"description" json:"description"`
		Values      *valueList `xml:"values" json:"-"`
		List        []Value    `xml:"-" json:"values,omitempty"`
	}
	valueList struct {
		Values []Value `xml:"value"`
	}
	// Value is one choice of a Question.
	Value struct {
		Key  string `xml:"key" json:"key"`
		Name string `xml:"name" json:"name"`
	}

	// created acknowledges a report.
	created struct {
		ID      string   `xml:"service_request_id" json:"service_request_id"`
		Notice  optional `xml:"service_notice" json:"service_notice"`
		Account optional `xml:"account_id" json:"account_id"`
	}
	createdDocument struct {
		XMLName  struct{}  `xml:"service_requests"`
		Requests []created `xml:"request"`
	}

	// token says which request a token became.
	token struct {
		ID    string `xml:"service_request_id" json:"service_request_id"`
		Token string `xml:"token" json:"token"`
	}
	tokensDocument struct {
		XMLName  struct{} `xml:"service_requests"`
		Requests []token  `xml:"request"`
	}

	// request is a case as everybody may read it.
	request struct {
		ID          string   `xml:"service_request_id" json:"service_request_id"`
		Status      string   `xml:"status" json:"status"`
		StatusNotes optional `xml:"status_notes" json:"status_notes"`
		ServiceName optional `xml:"service_name" json:"service_name"`
		ServiceCode optional `xml:"service_code" json:"service_code"`
		Description string   `xml:"description" json:"description"`
		Agency      optional `xml:"agency_responsible" json:"agency_responsible"`
		Notice      optional `xml:"service_notice" json:"service_notice"`
		Requested   string   `xml:"requested_datetime" json:"requested_datetime"`
		Updated     string   `xml:"updated_datetime" json:"updated_datetime"`
		Expected    optional `xml:"expected_datetime" json:"expected_datetime"`
		Address     optional `xml:"address" json:"address"`
		AddressID   optional `xml:"address_id" json:"address_id"`
		Zipcode     optional `xml:"zipcode" json:"zipcode"`
		Lat         number   `xml:"lat" json:"lat"`
		Long        number   `xml:"long" json:"long"`
		MediaURL    optional `xml:"media_url" json:"media_url"`
	}
	requestsDocument struct {
		XMLName  struct{}  `xml:"service_requests"`
		Requests []request `xml:"request"`
	}

	// update is one step of a request.
	update struct {
		ID          string   `xml:"update_id" json:"update_id"`
		Request     string   `xml:"service_request_id" json:"service_request_id"`
		Status      string   `xml:"status" json:"status"`
		Updated     string   `xml:"updated_datetime" json:"updated_datetime"`
		Description optional `xml:"description" json:"description"`
	}
	updatesDocument struct {
		XMLName struct{} `xml:"service_request_updates"`
		Updates []update `xml:"request_update"`
	}

	errorsDocument struct {
		XMLName struct{} `xml:"errors"`
		Faults  []fault  `xml:"error"`
	}
)

// write answers with one of two forms of the same document. It is made in memory
// first: half an answer must not go out.
func write(w http.ResponseWriter, f format, status int, inXML, inJSON any) error {
	var body bytes.Buffer
	kind := "application/json; charset=utf-8"
	if f == asJSON {
		if err := json.NewEncoder(&body).Encode(inJSON); err != nil {
			return err
		}
	} else {
		kind = "text/xml; charset=utf-8"
		body.WriteString(xml.Header)
		if err := xml.NewEncoder(&body).Encode(inXML); err != nil {
			return err
		}
		body.WriteByte('\n')
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	w.WriteHeader(status)
	_, err := w.Write(body.Bytes())
	_ = err // the client went away; nobody is left to tell
	return nil
}
