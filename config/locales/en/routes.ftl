# Map and routes.

routes-heading = Map and routes
routes-intro = The routes are approximate corridors. They help to order a search and never rule anybody out.
routes-query = What lies along a route
routes-route = Route
routes-from-stop = From
routes-to-stop = To
routes-stop-start = The start of the route
routes-stop-end = The end of the route
routes-within = Within how many kilometres
routes-from = From the day
routes-to = To the day
routes-day-hint = Year-month-day, for example 2024-05-17.
routes-layers = Show
routes-layer-cases = Missing persons
routes-layer-found = Persons found
routes-layer-incidents = Published incidents
routes-search = Search along it
routes-choose-stops = Choose the route to see its stops
routes-show-stops = See stops
routes-results = Results
routes-count = { $n ->
    [0] Nothing in that strip and those dates
    [one] { $n } result
   *[other] { $n } results
}
routes-cut = The table shows the first { $n }. The map shows them all.
routes-none-hint = Widen the strip, remove the dates or choose another stretch.
routes-col-km = Kilometre
routes-col-kind = What it is
routes-col-folio = Folio or place
routes-col-distance = Distance from the route
routes-col-when = Date
routes-col-inside = Inside?
routes-km = km { $km }
routes-distance = { $km } km
routes-certain = Certainly
routes-probable = Probably ({ $percent } %)
routes-kind-case = Missing person
routes-kind-found-record = Person found
routes-kind-incident = Incident
routes-incident = Published incident
routes-no-date = No date
routes-list = Corridors
routes-list-name = Route
routes-list-mode = Means
routes-list-length = Length
routes-list-stops = Stops
routes-list-open = See this route
routes-length = { $km } km
routes-schematic = Schematic line
routes-map = Map of the routes
routes-map-of = Map of { $route }
routes-stop = Stop, km { $km }
routes-incident-figures = Deceased: { $dead }. Missing: { $missing }
routes-source = Incidents: Missing Migrants Project (IOM), 2014-2022, CC BY 4.0. They are minimums: many are never recorded.
routes-own-only = Nothing of other institutions is shown, not even the number.
routes-all = All routes
routes-error-within = Write a number of kilometres above 0 and up to 500
routes-error-day = Write the day as year-month-day, for example 2024-05-17
routes-error-reversed = The period ends before it begins
routes-error-route = Choose a route
routes-error-stop = Choose a stop of that route
medium-rail = Freight train
medium-land = Road
medium-foot = On foot
medium-sea = Sea
