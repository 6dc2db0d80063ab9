# Patterns for search commissions.

nav-patterns = Patterns
patterns-heading = Patterns
patterns-intro = What records have in common: where, when and in what circumstances. To guide a search by patterns.
patterns-caution = These are counts, not risks. Registers show where people search and report, not where more happens. What appears here is a hypothesis for a search, never a finding about a person; every missing person is presumed to be alive.
patterns-kind = What to look at
patterns-kind-cases = Missing persons: last contact
patterns-kind-found = Persons found: where they were found
patterns-kind-incidents = Published incidents
patterns-route = Route
patterns-route-hint = Without a route everything is looked at and counted by route. With a route you also see the density along it.
patterns-scope = Other institutions
patterns-shared = Include what other institutions share
patterns-shared-hint = By agreement, consent and purpose. Places are then approximate and dates are months, and of other institutions only what five or more persons add up to is told.
patterns-look = Look for patterns
patterns-basis = What this rests on
patterns-persons = { $n ->
    [one] { $n } person
   *[other] { $n } persons
}
patterns-incidents = { $n ->
    [one] { $n } incident
   *[other] { $n } incidents
}
patterns-others = of other institutions, at least { $n } persons
patterns-others-few = of other institutions, fewer than five or none
patterns-own-took-part = Own records that can be shown: { $n }
patterns-from-day = From { $day }
patterns-to-day = To { $day }
patterns-without-place = Without a place, or with one that is too vague: { $n }
patterns-without-day = Without a date, or with one that is too vague: { $n }
patterns-cut-off = There are more records; the latest { $n } are taken
patterns-rule-of-five = Where records of others take part, only what five or more persons of other institutions share is shown, in steps of five. What does not reach five does not appear, not in sums either.
patterns-corridors = How many persons may be on each route
patterns-density = Density along { $route }
patterns-density-label = Density along the route, per 100 km
patterns-density-summary = The greatest density of { $route } is about km { $km }, near { $stop }: { $value } per 100 km.
patterns-density-text = The route runs from top to bottom. Each record is spread some 15 km to both sides; at a junction in equal parts over the branches. Counts, not risk.
patterns-table-text = Whoever may be on two routes counts on both.
patterns-col-corridor = Route
patterns-col-stretch = Stretch
patterns-col-persons = How many
patterns-col-first = This
patterns-col-second = Together with this
patterns-col-lift = How often
patterns-stretch = km { $from } to { $to }
patterns-clusters = Groups in space and time
patterns-clusters-text = At least five records within 15 km and 60 days of each other (25 km when other institutions take part).
patterns-scan = More than expected at a place and a time
patterns-scan-text = Places and weeks with more records than the place and the date each explain. It says what happened there and then, not where it will.
patterns-scan-basis = Compared with { $n } random shuffles of the dates.
patterns-lift = Signs that go together
patterns-lift-text = Pairs that at least five records share and that stand together more often than chance would have it. What was not recorded counts neither for nor against.
patterns-none-along = Nothing to show on the routes
patterns-none-clusters = No group to show
patterns-none-scan = No place and time that stands out
patterns-none-lift = No shared sign to show
patterns-none-hint = Try another period, another route or another kind of record.
patterns-between = From { $from } to { $to }
patterns-near = Some { $km } km from { $stop }
patterns-radius = Radius: { $km } km.
patterns-expected = { $n } were to be expected.
patterns-chance = Something as strong would arise by chance in { $n } of { $of } shuffles.
patterns-chance-rare = It is unlikely to be chance.
patterns-chance-common = It may be chance.
patterns-more-members = and { $n } more
patterns-times = { $n } times as expected
patterns-lift-counts = { $both } with both; { $first } with the first and { $second } with the second, of { $all }
patterns-sign-corridor = Route
patterns-sign-month = Month
patterns-sign-country = Country
patterns-sign-origin = Nationality
patterns-sign-transport = Transport
patterns-sign-risk = Risk
patterns-sign-kind = Kind
patterns-sign-incident = Incident
patterns-sign-cause = Cause
patterns-sign-route = Route by the source
patterns-cause-drowning = Water
patterns-cause-violence = Violence
patterns-cause-accident = Accident
patterns-cause-environment = Climate and terrain
patterns-cause-illness = Illness
