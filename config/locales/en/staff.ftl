# Texts of the staff desk.

# Navigation
nav-my-day = My day
nav-cases = Cases
nav-case-new = Register a person
nav-records = Found records
nav-record-new = Register a found record
nav-hypotheses = Hypotheses
nav-map = Map and routes
nav-import = Import
nav-query = Query
nav-alerts = Alerts
nav-agreements = Agreements
nav-users = Users
nav-audit = Access log
nav-jobs = Jobs

# Sign-in
login-heading = Sign in to Rastro
login-user = User name
login-password = Password
login-code = One-time code
login-code-hint = The six digits of your authenticator application.
login-failed = We could not sign you in with those details.
login-purpose = What are you here for?
login-purpose-hint = It is recorded with every record you open.
demo-note = Demonstration: all persons are invented.

# My day
day-heading = My day
day-overdue = Overdue
day-due-soon = Due soon
day-new-hypotheses = New hypotheses
day-open-cases = Open cases
day-next-actions = Next actions
day-none = Nothing is waiting for today.
day-none-hint = A report or a hypothesis will appear here when it arrives.

# Cases
cases-heading = Cases
cases-search = Name, nickname or folio
cases-search-hint = Accents and order do not matter.
cases-empty = No case fits those filters.
cases-empty-hint = Remove a filter or search by surname only.
cases-new = Register a person
col-name = Name
col-folio = Folio
col-age = Age
col-nationality = Nationality
col-last-place = Last place
col-last-contact = Last contact
col-days = Days
col-state = State
col-next-action = Next action
col-assignee = Assigned to
col-authority = Authority
col-strength = Strength
col-reasons = Reasons
col-updated = Updated
col-kind = Kind
col-place = Place
col-date = Date
col-who = Who
col-what = What
col-why = Why
col-row = Row
col-column = Column
col-value = Value
col-reason = Reason

# Intake
intake-heading = Register a person
intake-person = Person
intake-given-names = Given names
intake-first-surname = First surname
intake-second-surname = Second surname
intake-aliases = Also known as
intake-aliases-hint = Nicknames or other spellings, separated by commas.
intake-sex = Sex
intake-birth = Date of birth
intake-age-from = Age, from
intake-age-to = Age, to
intake-nationality = Nationality
intake-stature = Stature in centimetres
intake-marks = Marks
intake-marks-hint = One per line: tattoos, scars, moles, and where on the body.
intake-circumstances = Circumstances and route
intake-last-contact = Last contact
intake-last-place = Last known place
intake-destination = Where they were heading
intake-latitude = Latitude
intake-longitude = Longitude
intake-uncertainty = Uncertainty in metres
intake-phones = Telephone numbers
intake-document = Document
intake-inquirer = Who is searching
intake-relation = Relation
intake-consent = Consent
intake-consent-hint = Tick only what the family agreed to, in the language in which it was explained.
intake-consent-language = Language in which it was explained
intake-consent-recipients = With which authorities
intake-consent-categories = Which data
intake-submit = Register
intake-done = Record saved.

# Case record
case-summary = Summary
case-person = Person
case-description = Description
case-circumstances = Circumstances and route
case-map = Map
case-contacts = Contacts
case-timeline = Timeline
case-who-can-see = Who can see it
case-who-has-seen = Who has seen it
case-hypotheses = Hypotheses
case-no-hypotheses = There is no hypothesis for this case yet.
case-no-hypotheses-hint = The matcher compares again whenever a record arrives.
case-actions = Next step
case-presumption = The search presumes life.
case-family-contact = Contact the family
case-family-paused = The family asked not to be contacted for now.
case-history = History of this value

# Found records
record-heading = Register a found person
record-kind = Situation
record-found-on = Date found or admitted
record-interval = Estimated interval in days
record-name-as-recorded = Name as written
record-wants-contact = Does the person want the family to be told?
records-empty = No record fits those filters.

# Hypotheses
hypothesis-heading = Match hypothesis
hypotheses-heading = Hypotheses to review
hypotheses-empty = No hypothesis is waiting for review.
hypotheses-empty-hint = New ones appear here without reloading the page.
hypothesis-not-identification = This is not an identification.
hypothesis-case-side = Person sought
hypothesis-record-side = Found record
hypothesis-outcome = Comparison
hypothesis-evidence = What each fact weighs
hypothesis-evidence-text = Each bar is the weight of one fact, in decimal logarithm. To the right it supports; to the left it takes away.
hypothesis-weight = Weight
hypothesis-coverage = Facts compared
hypothesis-decide = Decide
hypothesis-verdict = Your verdict
hypothesis-reason = Reason
hypothesis-reason-required = To exclude, a reason is needed
hypothesis-note = Explanation
hypothesis-second-needed = The verdict of another person, from another institution, is still needed.
hypothesis-blind = The first verdict is shown after you have given yours.
hypothesis-own-verdict = You have already given your verdict.
hypothesis-exclusions = Exclusions
weight-of-total = Total

# Query
query-heading = Ask whether there is a related case
query-purpose = Purpose and legal basis
query-purpose-hint = Every query is recorded and the responsible authority can see it.
query-none = Nothing corresponds.
query-related = There is a related case; ask for access.
query-possible = There may be a related case; more facts are needed.
query-ask-access = Ask for access

# Association
association-heading = Cases mandated by the family
association-next-contact = Next contact
association-ask = Ask the commission
association-empty = No family has given its mandate yet.

# Import
import-heading = Import
import-what = What does the file hold?
import-cases = Cases
import-records = Found records
import-mmp = Missing Migrants Project incidents
import-file = CSV file
import-file-hint = Headers in Spanish or English. Gzip is accepted.
import-dry-run = Check without saving
import-start = Import
import-progress = Progress of the import
import-cancel = Cancel the import
import-done = Import finished
import-read = Rows read
import-saved = Rows saved
import-rejected = Rows with errors
import-differences = Differences to accept
import-errors = Errors by row
import-errors-download = Download the errors

# Start and sign-in
nav-association = Mandated cases
nav-admin = Administration
start-heading = The search does not stop at the border
start-text = Rastro brings together what families, search commissions and forensic services of several countries know.
start-families = I am looking for a person
start-families-text = Sign in with the folio and the PIN you were given. You will see where the search stands and who is with you.
start-staff = I work at an institution
start-staff-text = Commissions, forensic services, consulates, public defenders and associations.
login-email = E-mail address
login-family-link = I am a relative and have a folio
