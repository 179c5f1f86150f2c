package app

import (
	"slices"

	"weixiao/internal/access"
	"weixiao/internal/assess"
	"weixiao/internal/assets"
	"weixiao/internal/calendars"
	"weixiao/internal/cases"
	"weixiao/internal/catalogue"
	"weixiao/internal/directory/firms"
	"weixiao/internal/directory/layers"
	"weixiao/internal/directory/posts"
	"weixiao/internal/duties"
	"weixiao/internal/enterprise"
	"weixiao/internal/enterprise/express"
	"weixiao/internal/enterprise/policies"
	"weixiao/internal/enterprise/windows"
	"weixiao/internal/flow"
	"weixiao/internal/pack"
	"weixiao/internal/places"
	"weixiao/internal/projects"
	"weixiao/internal/projects/agents"
	"weixiao/internal/projects/approvals"
	"weixiao/internal/projects/campaigns"
	"weixiao/internal/projects/outreach"
	"weixiao/internal/rounds"
	"weixiao/internal/rounds/formalism"
	"weixiao/internal/rounds/sanitation"
	"weixiao/internal/rounds/villages"
	"weixiao/internal/rounds/visits"
	"weixiao/internal/rounds/workdays"
	"weixiao/internal/web/desk"
	"weixiao/internal/web/field"
)

// Tables are the flow tables of the whole program. A test finds those that are missing.
func Tables() []*flow.Table {
	return slices.Concat([]*flow.Table{
		access.Accounts(), &layers.Table, &calendars.Table, &duties.Table, &posts.Table, &posts.BuildingTable, &posts.StandinTable, &posts.ShiftTable, &firms.Table, &places.Table, &assets.Table,
		&cases.Table, &cases.WhistleTable, &cases.OrderTable, &cases.CheckTable, &rounds.Table, &rounds.TurnTable, &rounds.ReviewTable, &rounds.WeatherTable, &formalism.Table, &field.RemarkTable,
		&posts.RevealTable, &firms.RevealTable, &workdays.DayTable, &workdays.BookingTable, &visits.CampaignTable, &visits.VisitTable, &visits.PersonTable,
	}, sanitation.Tables(), villages.Tables(), campaigns.Tables(), enterprise.Tables(), policies.Tables(), windows.Tables(), express.Tables(), approvals.Tables(), agents.Tables(), assess.Tables(), projects.Tables(), outreach.Tables())
}

// Asked is everything the program and a pack ask of staff. A kind of work hands in here what stands in no flow table.
func Asked(p *pack.Pack) formalism.Input {
	return formalism.Input{Tables: Tables(), Pack: p, Evidence: append(desk.Evidence(), field.Evidence()...), Asking: desk.Asking(), Exports: desk.Exports()}
}

// openGuard wires the guard against formalism. The questions it looks at are those in force.
func (a *App) openGuard() *formalism.Guard {
	in := Asked(a.Pack)
	in.Questions = func() []catalogue.QuestionSet {
		return a.Cases.District().Duties.Now().At(a.Clock()).Duties().Questions
	}
	return formalism.New(a.DB, formalism.Options{District: a.Pack.District, Pack: a.Pack.Version, Directory: a.Pack.Directory, Routines: a.Pack.Routines, Input: in, Clock: a.Clock})
}
