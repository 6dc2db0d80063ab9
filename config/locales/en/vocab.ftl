# Closed vocabularies: one key per value of the domain.

# Authorities
authority-search-commission = Search commission
authority-prosecutor = Prosecutor's office
authority-forensic-service = Forensic service
authority-forensic-bank = Forensic bank
authority-ombudsperson = Human rights office
authority-public-defender = Public defender
authority-consulate = Consulate
authority-migrant-shelter = Migrant shelter
authority-hospital = Hospital
authority-association = Families' association
authority-laboratory = Laboratory
authority-red-cross = Red Cross
authority-court = Court

# Roles
role-search-officer = Search officer
role-reviewer = Reviewer
role-forensic-officer = Forensic officer
role-geneticist = Geneticist
role-consular-officer = Consular officer
role-public-defender = Public defender
role-association-member = Association member
role-administrator = Administrator
role-family = Family

# Rights of a role
right-read-cases = See cases
right-write-cases = Register and change cases
right-read-found = See found records
right-write-found = Register and change found records
right-read-hypotheses = See hypotheses
right-review = Review hypotheses
right-import = Import files
right-partner-query = Query with a stated purpose
right-follow-mandates = Follow mandated cases
right-read-routes = See map and routes
right-read-audit = See the access log
right-manage-users = Manage users
right-read-samples = See samples and custody
right-write-samples = Register samples and write custody
right-genetics = See and enter DNA profiles

# Case states
case-state-draft = Draft
case-state-registered = Registered
case-state-search-active = Search active
case-state-search-suspended = Search suspended
case-state-information-requested = Information requested
case-state-possible-location = Possible location being verified
case-state-located-alive = Located alive
case-state-contact-restored = Contact restored
case-state-contact-refused = Does not wish contact for now
case-state-protection-hold = Held for protection
case-state-identified-deceased = Identification issued
case-state-family-notified = Family told in person
case-state-restitution-in-progress = Restitution in progress
case-state-restituted = Restitution completed
case-state-follow-up = Follow-up
case-state-closed = Closed
case-state-reopened = Reopened
case-state-duplicate-linked = Rests under another case
case-state-withdrawn-by-family = Withdrawn by the family
case-state-identification-revoked = Identification revoked

# Case commands
case-command-register = Register
case-command-request-information = Ask for information
case-command-activate-search = Start or resume the search
case-command-suspend-search = Suspend the search
case-command-open-possible-location = Open a possible location
case-command-discard-possible-location = Discard the possible location
case-command-confirm-located-alive = Confirm located alive
case-command-restore-contact = Record that contact was restored
case-command-record-contact-refused = Record that contact is not wished
case-command-hold-for-protection = Hold for protection
case-command-confirm-identified = Confirm identification
case-command-record-family-notified = Record the notification in person
case-command-begin-restitution = Begin restitution
case-command-complete-restitution = Complete restitution
case-command-begin-follow-up = Begin follow-up
case-command-close = Close
case-command-link-duplicate = Let it rest under the linked case
case-command-withdraw-by-family = Record withdrawal by the family
case-command-reopen = Reopen
case-command-revoke-identification = Revoke the identification

# Hypothesis states
hypothesis-state-proposed = Proposed
hypothesis-state-triage-rejected = Set aside at triage
hypothesis-state-under-review = Under review
hypothesis-state-needs-information = Needs information
hypothesis-state-rejected = Rejected
hypothesis-state-verification-requested = Verification requested
hypothesis-state-verified-support = Verification in support
hypothesis-state-verified-exclusion = Verified exclusion
hypothesis-state-inconclusive = Inconclusive
hypothesis-state-second-review = Second review
hypothesis-state-board = Before the board
hypothesis-state-confirmed = Confirmed
hypothesis-state-returned = Returned
hypothesis-state-reopened = Reopened
hypothesis-state-superseded = Superseded
hypothesis-state-withdrawn = Withdrawn for lack of consent

# Found records
found-kind-living = Living person
found-kind-hospital = Person in hospital
found-kind-detention = Person in detention
found-kind-shelter = Person in a shelter
found-kind-remains-named = Deceased person with a name to confirm
found-kind-remains-unnamed = Unidentified deceased person
found-kind-foreign-case = Case of another country

# What maps draw
map-kind-missing = Missing person
map-kind-living = Living person
map-kind-hospital = Person in hospital
map-kind-detention = Person in detention
map-kind-shelter = Person in a shelter
map-kind-remains-named = Deceased person with a name to confirm
map-kind-remains-unnamed = Unidentified deceased person
map-kind-foreign-case = Case of another country
map-kind-incident = Incident
map-kind-stop = Stop on the route

# Condition when found
body-state-fresh = Recent
body-state-early-decomp = Early decomposition
body-state-advanced-decomp = Advanced decomposition
body-state-mummified = Mummified
body-state-adipocere = Adipocere
body-state-skeletal = Skeletal
body-state-burned = Burned
body-state-dismembered = Incomplete or separated
body-state-commingled = Commingled

# Wish for contact
wants-contact-yes = Wishes contact
wants-contact-no = Does not wish contact for now
wants-contact-undecided = Undecided
wants-contact-not-asked = Not asked

# Sex
sex-female = Female
sex-male = Male
sex-indeterminate = Indeterminate
sex-unknown = Not known

# Purposes
purpose-search = Search
purpose-identification = Identification
purpose-consular-assistance = Consular assistance
purpose-legal-defence = Legal defence
purpose-family-information = Information to the family
purpose-statistics = Statistics
purpose-administration = Administration

# Data categories
data-category-existence = That a record exists
data-category-identity = Identity
data-category-description = Description and marks
data-category-circumstances = Circumstances and route
data-category-health = Health data
data-category-identifiers = Documents and telephone numbers
data-category-contact = The family's contact data

# Strength bands
band-very-weak = Very weak
band-weak = Weak
band-moderate = Moderate
band-strong = Strong
band-very-strong = Very strong

# Comparison
outcome-agree = Agrees
outcome-partial = Agrees in part
outcome-disagree = Differs
outcome-explainable = Explainable difference
outcome-not-comparable = Nothing to compare

# Compared fields
field-name = Name
field-birth = Birth or age
field-age = Age
field-sex = Sex
field-nationality = Nationality
field-stature = Stature
field-build = Build
field-hair = Hair
field-eyes = Eyes
field-marks = Marks
field-dental = Teeth
field-clothing = Clothing
field-belongings = Belongings
field-phone = Telephone
field-document = Document
field-holder = What the document says
field-dna = DNA
field-companions = Companions
field-place = Place
field-time = Date
field-place-and-time = Place and date
field-prior = Starting point

# Reasons for a decision
reason-dna = DNA
reason-dental = Odontology
reason-fingerprint = Fingerprints
reason-age = Age
reason-sex = Sex
reason-stature = Stature
reason-chronology = Chronology
reason-mark = Marks
reason-located-elsewhere = Located elsewhere
reason-family = Information from the family
reason-other = Other reason

# Strength of an exclusion
exclusion-absolute = Absolute
exclusion-strong = Strong
exclusion-provisional = Provisional

# Decisions
verdict-support = Support
verdict-needs-more = Ask for more data
verdict-reject = Exclude

# Hypothesis commands
hypothesis-command-reject-at-triage = Set aside at triage
hypothesis-command-begin-review = Begin the review
hypothesis-command-ask-information = Ask for information
hypothesis-command-reject = Reject
hypothesis-command-request-verification = Ask for verification
hypothesis-command-record-support = Record a supporting verification
hypothesis-command-record-exclusion = Record an excluding verification
hypothesis-command-record-inconclusive = Record an inconclusive verification
hypothesis-command-send-to-second-review = Send to second review
hypothesis-command-send-to-board = Send to the board
hypothesis-command-return = Return
hypothesis-command-confirm = Confirm
hypothesis-command-reopen = Reopen
hypothesis-command-supersede = Supersede
hypothesis-command-withdraw = Withdraw
hypothesis-command-revoke-identification = Reopen because its identification was revoked

# Precision
precision-day = Exact day
precision-month = Month
precision-year = Year
precision-range = Range
precision-unknown = Not known
place-precision-gps = Measured point
place-precision-address = Address
place-precision-described = Described place
place-precision-vague = Vague place
place-precision-municipality = Municipality
place-precision-state = State or department
place-precision-country = Country
certainty-confirmed = Confirmed
certainty-reported = Reported
certainty-estimated = Estimated
certainty-unknown = Not known

# Intake channels
channel-office = At an office
channel-consulate = Consulate
channel-association = Association
channel-phone = Telephone
channel-whatsapp = WhatsApp
channel-sms = SMS
channel-web-form = Online form
channel-import = Import
channel-partner = Partner institution
channel-ex-officio = Ex officio

# Confidentiality
confidentiality-normal = Normal
confidentiality-restricted = Restricted
confidentiality-sealed = Sealed

# Kinds of name
name-kind-legal = Legal name
name-kind-birth = Birth name
name-kind-married = Married name
name-kind-social = Social name
name-kind-nickname = Nickname
name-kind-alias = Alias
name-kind-spelling-variant = Spelling variant
name-kind-in-language = Name in another language
name-kind-as-recorded = As recorded

# Moment of a description
moment-ante-mortem = As the family describes
moment-post-mortem = As examined
moment-living = In life

# Absent value
absent-unknown = Not known
absent-not-asked = Not asked
absent-not-applicable = Does not apply
absent-refused = Preferred not to say

# Kinship
kin-mother = Mother
kin-father = Father
kin-daughter = Daughter
kin-son = Son
kin-sister = Sister
kin-brother = Brother
kin-wife = Wife
kin-husband = Husband
kin-partner = Partner
kin-grandmother = Grandmother
kin-grandfather = Grandfather
kin-aunt = Aunt
kin-uncle = Uncle
kin-cousin = Cousin
kin-other-family = Other relative
kin-other-nonfamily = Other close person

# Deadlines
sla-on-time = On time
sla-at-risk = Due soon
sla-overdue = Overdue

# Jobs
job-state-queued = Waiting
job-state-running = Running
job-state-done = Done
job-state-failed = Failed
job-state-cancelled = Cancelled

# Countries (ISO 3166-1 alpha-3)
country-AGO = Angola
country-ARG = Argentina
country-BGD = Bangladesh
country-BLZ = Belize
country-BOL = Bolivia
country-BRA = Brazil
country-CAN = Canada
country-CHL = Chile
country-CHN = China
country-CMR = Cameroon
country-COD = Democratic Republic of the Congo
country-COG = Congo
country-COL = Colombia
country-CRI = Costa Rica
country-CUB = Cuba
country-DOM = Dominican Republic
country-DZA = Algeria
country-ECU = Ecuador
country-ERI = Eritrea
country-ESH = Western Sahara
country-ESP = Spain
country-ETH = Ethiopia
country-FRA = France
country-GHA = Ghana
country-GIN = Guinea
country-GMB = Gambia
country-GTM = Guatemala
country-GUY = Guyana
country-HND = Honduras
country-HTI = Haiti
country-IND = India
country-ITA = Italy
country-JAM = Jamaica
country-LBY = Libya
country-MAR = Morocco
country-MEX = Mexico
country-MLI = Mali
country-MRT = Mauritania
country-NER = Niger
country-NGA = Nigeria
country-NIC = Nicaragua
country-NPL = Nepal
country-PAK = Pakistan
country-PAN = Panama
country-PER = Peru
country-PRI = Puerto Rico
country-PRY = Paraguay
country-SEN = Senegal
country-SLV = El Salvador
country-SOM = Somalia
country-SUR = Suriname
country-SYR = Syria
country-TUN = Tunisia
country-TUR = Türkiye
country-URY = Uruguay
country-USA = United States
country-VEN = Venezuela
country-unknown = Not known
