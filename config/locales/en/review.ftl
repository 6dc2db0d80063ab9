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
band-text-very-strong = Very strong: look at these first
band-text-strong = Strong: much speaks for them
band-text-moderate = Moderate: worth a look
band-text-weak = Weak: little speaks for them
band-text-very-weak = Very weak: hardly anything speaks for them

review-back = Back to the queue
review-not-identification-text = Two records resemble each other. Only people of two institutions and the multidisciplinary board can confirm anything, and a family is told in person.
review-compare = Field by field
review-field = Field
review-reserved = Reserved
review-reserved-text = What the other institution does not share is shown as “Reserved”. Its weight still counts in the total.
review-unknown = Not known
review-side-hidden = You cannot see this side.
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
evidence-sentence-none = No field adds or takes away noticeably.
evidence-coverage = { $percent } % of the fields could be compared.
evidence-model = Comparison model: { $model }
evidence-as-table = See as a table
evidence-column = Field
evidence-weight = Decibans
evidence-chart = Chart of what each field weighs
evidence-level = Comparison

review-decide = Your verdict
review-rule-of-two = Two people of two institutions are needed. Each gives a view without seeing what the other said.
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
field-medical = Medical findings
field-reserved = Reserved fields
level-generic-agree = The data agree.
level-generic-partial = The data agree in part.
level-generic-explainable = The difference can be explained.
level-generic-disagree = The data differ.
level-generic-not-comparable = One side does not have this field.
level-reserved = Reserved by the institution that keeps it.
