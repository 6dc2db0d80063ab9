# Queue and review of hypotheses.

queue-intro = Ordered by what the data say. The order ranks work; it identifies nobody.
queue-band = Strength
queue-state = State
queue-open = All open ones
queue-only-case = Only those of the search { $folio }
queue-only-found = Only those of the record { $folio }
queue-all = See all
queue-speaks-for = For it
queue-speaks-against = Against it
queue-no-detail = One side is reserved; the review page shows the detail.
queue-mine-given = You have given your view
queue-mine-waiting = Waits for your view
queue-waiting = May wait for your view
queue-since = Since
queue-next-page = Next
queue-first-page = Back to the start
queue-count-band = { $n } open
queue-shown = { $n ->
    [0] No hypothesis
    [one] { $n } hypothesis on this page
   *[other] { $n } hypotheses on this page
}
queue-updated = The queue is up to date.
band-text-very-strong = Look at these first
band-text-strong = Much speaks for them
band-text-moderate = Worth a look
band-text-weak = Little speaks for them
band-text-very-weak = Hardly anything speaks for them

review-back = Back to the queue
review-not-identification-text = Two records resemble each other. Only people of two institutions and the multidisciplinary board can confirm anything, and a family is told in person.
review-compare = Field by field
review-field = Field
review-reserved = Reserved
review-reserved-text = What the other institution does not share is shown as “Reserved”. Its weight still counts in the total.
review-unknown = Not known
review-side-hidden = You cannot see this side.
review-linked = { $this } is linked with { $other }
review-linked-text = Links between records of one person; they do not compete with each other:
review-open-case = Open the case
review-open-found = Open the record
review-place-when = { $place }, { $when }
review-age-range = { $min } to { $max } years old
review-age-one = { $min } years old
review-born = Born: { $when }
review-stature-range = { $min } to { $max } cm
review-stature-one = { $min } cm
review-map = Where
review-map-case = Last contact
review-map-found = Found or admitted
review-map-near = Positions may be rounded.
evidence-heading = What each field weighs
evidence-text = Each bar is the weight of one field in decibans: ten mean ten times more likely. To the right it supports; to the left, hatched, it speaks against.
evidence-prior = Starting point
evidence-total = Total
evidence-reserved = Reserved fields
evidence-sentence-plus = What adds most: { $list }.
evidence-sentence-minus = Takes away: { $list }.
evidence-relative = In some { $share } of a hundred pairs like this one the two may be relatives who went the same way.
evidence-sentence-none = No field adds or takes away noticeably.
evidence-coverage = { $percent } % of the fields could be compared.
evidence-model = Comparison model: { $model }
evidence-earlier = Earlier weights
evidence-earlier-score = { $decibans } dB with model { $model } ({ $band }), until { $at }
evidence-as-table = See as a table
evidence-column = Field
evidence-weight = Decibans
evidence-chart = Chart of what each field weighs
evidence-level = Comparison

review-decide = Your verdict
review-rule-of-two = Two people of two institutions are needed. Each gives a view without seeing what the other said.
review-alone = Only your institution sees this pair. To decide it another one must see it: an agreement or a consent that allows it. Until then you can set it aside at first sight or ask for information.
review-given = { $n ->
    [0] Nobody has given a view in this round yet.
    [one] There is one view in this round. It is not shown until you give yours and it is decided.
   *[other] There are { $n } views in this round.
}
review-mine-given = You have given your verdict in this round. The other must come from a person of another institution.
review-ours-given = Your institution has given its verdict in this round. The other must come from another institution.
review-no-right = You can read this hypothesis. Giving a verdict needs the review role.
review-no-verdicts-now = No verdicts are taken in the present state.
review-verdict = What do the data say?
review-verdict-support = They support the hypothesis
review-verdict-support-hint = With what there is, it can be the same person.
review-verdict-needs-more = More is needed to say
review-verdict-needs-more-hint = Say which fact or test is missing.
review-verdict-reject = They speak against it
review-verdict-reject-hint = Say how far the exclusion reaches.
review-reasons = What does it rest on? Tick what applies
review-note = Explanation
review-note-hint = For whoever reads it later. Do not repeat names or phone numbers.
review-strength = If you exclude: how far?
review-strength-absolute = For ever
review-strength-absolute-hint = For example, a genetic test that excludes.
review-strength-strong = Until the data change
review-strength-provisional = Until the data change, weakly held
review-conflict-legend = Conflict of interest
review-conflict = I have a conflict of interest
review-conflict-hint = If you have, another person of your institution must give the verdict.
review-send = Give my verdict
flash-verdict-given = Your verdict is saved.
flash-hypothesis-moved = The hypothesis changed its state.
flash-hypothesis-confirmed = The hypothesis is confirmed. The system tells the family nothing.
review-board = Multidisciplinary board
review-board-text = Two people of two institutions support the hypothesis. Confirming tells the family nothing and changes nothing they see: only the notification in person does that.
review-board-reason = What the confirmation rests on
review-board-confirm = Confirm the hypothesis
review-other-moves = Other steps
review-move = Step
review-move-reason = Why
review-move-basis = What it rests on, if it excludes
review-move-send = Take this step
review-move-none = There are no other steps in this state.
review-history = History
review-history-own = Shows what your institution did and the verdicts you may see.
review-history-proposed = Proposed by the automatic comparison
review-history-proposed-person = Proposed by a person
review-history-verdict = { $who }: { $verdict }
review-you = You
review-other-institution = Another institution
review-stale = Somebody changed this hypothesis while you were writing. Read what is new; what you wrote is here.
review-same-person = You have given your verdict in this round; somebody else must give the other.
review-same-institution = Your institution has given its verdict in this round; the other must come from another institution.
review-illegal = That step is not possible in the present state. Read the state and choose another.
review-refused = That step is not made by hand: it follows from the verdicts of two institutions, from consents or from the engine
review-rival = Another open hypothesis for the same person or record is as strong. Decide that one first.
review-error-verdict = Choose what the data say
review-error-reasons = Tick at least one reason
review-error-note = Write down what it rests on
review-error-strength = Say how far the exclusion reaches
review-error-conflict = With a conflict of interest another person of your institution must give the verdict
review-error-move = Choose a step
review-error-reason = Write why
review-error-basis = Say what it rests on

review-action-read = Read
review-action-verdict = Verdict
review-action-command = Change of state
review-action-other = Entry

field-place-time = Place and date
field-residence = Home address or community
field-dependence = Correction for fields that err together
field-relative = Correction for possible relatives
field-medical = Medical findings
field-reserved = Reserved fields
level-reserved = Reserved by the institution that keeps it.
level-belongings-distinctive = Share an uncommon belonging
level-belongings-shared = Share belongings
level-belongings-none-shared = No belonging in common
level-birth-edge = Age lies near the range
level-birth-inside = Age lies within the range
level-birth-near = Dates very close
level-birth-same-year = Same year
level-birth-swapped = Day and month look swapped
level-build-similar = Similar build
level-clothing-distinctive = Share an uncommon garment
level-clothing-shared = Share garments
level-clothing-none-shared = No garment in common; clothes change
level-companions-shared = Share companions
level-companions-none-shared = No companion in common
level-dental-distinctive = Share an uncommon dental trait
level-dental-shared = Share dental traits
level-dental-none-shared = No dental trait in common
level-document-near = Differ in one digit
level-holder-fits = What the number of the document tells of its holder fits
level-holder-differs = What the number of the document tells of its holder does not fit; it may be another person's
level-dna-supports = DNA supports it
level-dna-does-not-support = DNA does not support it
level-dna-inconclusive = DNA does not settle it
level-dna-withdrawn = What DNA rested on was withdrawn
level-eyes-similar = Similar colour
level-hair-similar = Similar colour
level-marks-distinctive = Share an uncommon mark
level-marks-shared = Share marks
level-marks-none-shared = No mark in common
level-name-conflict = The names do not fit
level-name-partial = Part of the name agrees
level-name-sound = Sound the same
level-name-variant = Variant spelling
level-name-weak = Weak resemblance
level-nationality-known-confusion = Nationalities often confused
level-phone-common = Number that appears in several records
level-phone-near = Differ in one digit
level-stature-close = Almost the same stature
level-stature-near = Near stature
level-residence-shared = Share parts of the home address
level-residence-partial = Part of the home address agrees
level-residence-disagree = Different addresses; people move
level-place-time-fits-well = Place and date fit the route very well
level-place-time-fits = Place and date fit the route
level-place-time-neutral = Place and date say little
level-place-time-unlikely = Place or date unusual, but possible
level-place-time-before-last-contact = The date precedes the last proof of life: they contradict each other
level-place-time-downstream = Downstream of the last contact: the river may have carried there
level-place-time-returned = A place where people are returned to: the journey may have been broken off
level-place-time-against-the-way = Against the direction of the routes: unusual, but people turn back
level-dependence-err-together = Fields of one record tend to err together; their sum is corrected
level-relative-as-likely = Part of what agrees would agree with a relative who went the same way, too

frequency-rare = By chance, 1 in { $n } agrees as well
frequency-near-rare = 1 in { $n } found records lies as near
frequency-near-common = { $n } in 100 found records lie as near
frequency-common = By chance, { $n } in 100 agree as well

explain-odds = Probability { $probability } if weighed alone ({ $band }; model { $model }). It orders work; it identifies nobody.
explain-missing-left = Missing: { $field }. The first record does not tell; where both tell the same it brings { $decibans } dB on average.
explain-missing-right = Missing: { $field }. The second record does not tell; where both tell the same it brings { $decibans } dB on average.
explain-missing-both = Missing: { $field }. Neither record tells; where both tell the same it brings { $decibans } dB on average.
explain-information = { $id } can bring at most { $decibans } dB with what is recorded.
explain-standing = Among { $of } counterparts of the first, every pair weighed, this one stands at place { $place }.

lacking-heading = What is missing to compare
lacking-hint = What the case lacks the family may tell; what the found record lacks, whoever keeps it or the laboratory. A missing field counts neither for nor against.
lacking-see = See what is missing
lacking-who = Where it is missing
lacking-told = What the other side tells
lacking-worth = It could bring
lacking-decibans = { $n } dB
lacking-case = In the case
lacking-found-record = In the found record
lacking-both = In both
lacking-count = { $n ->
    [one] { $n } field is missing.
   *[other] { $n } fields are missing.
}
lacking-sentence = { $n ->
    [one] { $n } field is missing that would help: { $list }.
   *[other] { $n } fields are missing. Those that would help most: { $list }.
}

why-heading = Why, or why not?
why-summary = Why does a record not appear?
why-intro = Compare a case with a found record, whether or not there is a hypothesis. One of the two must be your institution’s.
why-case = Folio of the case
why-found = Folio of the found record
why-ask = See the comparison
why-stands = Where it stands
why-among-found = For this case it is number { $place } of { $of } found records that your institution may see.
why-among-cases = For this found record it is number { $place } of { $of } cases that your institution may see.
why-reserved = Some data are reserved by one side. While there is no hypothesis they do not count here, and the place of the pair is not told.
why-outlook-among-strongest = It is among the strongest pairs: it is proposed as a hypothesis, unless it was excluded.
why-outlook-beyond-strongest = It is not proposed as a hypothesis: both records have stronger pairs.
why-outlook-below-floor = It is not proposed as a hypothesis: what is known weighs too little.
why-not-left-out = The search for candidates did not leave it out: every pair is weighed here.
why-left-out = The search for candidates stopped before this pair. Tell whoever runs the system.
why-not-compared = These two records are not compared now: the state of one, a permission or an agreement does not allow it.
why-excluded = Excluded on { $day } by { $authority } ({ $what }).
why-reopened = Opened again on { $day } because the data changed.
why-no-exclusion = There is no recorded exclusion that you may see.
why-hypothesis = Open the hypothesis of this pair ({ $state })
why-error-empty = Write the folio
why-error-unseen = There is no pair with these folios that your institution may compare. Check the folios; one of the two records must be your institution’s.

information-heading = How much comparing can tell
information-total = With what is recorded, comparing can bring up to { $n } decibans.
information-band = A record that said exactly the same would give a hypothesis rated “{ $band }”.
information-help = What would help most to know: { $list }.
information-hint = Ten decibans stand for ten times more likely. The light part of the bar is what could be added.
information-when = Calculated on { $day }.
information-by-field = See field by field
information-worth = Brings up to
information-told = Recorded
information-missing = Missing; this is what it usually brings

evidence-weight-short = Weight (dB)
model-id = Model { $id }
model-expected = Starting point: for every 10 cases about { $tenths } records of the same person are expected here.
model-errors = What the model supposes of the data of one person:
model-false-name = { $percent } times in 100 a name was given that is not their own
model-birth-equal = { $percent } in 100 complete dates of birth agree
model-sex-error = { $percent } times in 100 the sex is noted wrongly
model-misdeclared = { $percent } times in 100 another nationality was declared
model-wrong-date = { $percent } in 100 dates of the event are wrong
model-interval-holds = { $percent } in 100 post-mortem intervals hold the true date
model-kinds = By kind of record, how much likelier than for any record it is that its case is here, and what share of the sum of the fields counts:
model-kind = { $times } times; { $percent } % counts
model-levels = What is added or taken, in decibans, when a field compares so:

# What a pair is worth beside its rivals.
together-heading = Together with its rivals
together-text = A record is one person’s at most, and one person cannot be two bodies: what another pair is worth is taken from this one.
together-pair = Of a hundred pairs like this, { $alone } are the same person; beside its rivals, { $together }.
together-none-record = That the record is none of these persons sought: { $share } of a hundred.
together-none-case = That none of these remains are the person sought: { $share } of a hundred.
together-under-one = fewer than 1
together-over-99 = more than 99
together-rivals = Pairs that cannot be true together with this one
together-wants-case = also wants the person sought ({ $state }): { $share } of a hundred
together-wants-found-record = also wants the record ({ $state }): { $share } of a hundred
together-more = { $n ->
    [one] One more pair, less likely than these.
   *[other] { $n } more pairs, less likely than these.
}
together-seen = Only pairs that your institution may see are counted. Linked records do not compete.
