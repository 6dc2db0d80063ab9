# The forensic bank: samples, custody, profiles, families.

nav-bank = Bank
error-no-bank-title = This node keeps no profiles
error-no-bank-text = Its operator has set no key to seal them with. Call whoever runs it.

# Whom a sample is of
sample-source-relative = Relative
sample-source-direct-reference = Missing person's own
sample-source-remains = Remains
sample-source-staff = Staff

# What a donor is to the missing person
donor-relation-mother = Mother
donor-relation-father = Father
donor-relation-child = Daughter or son
donor-relation-full-sibling = Sister or brother
donor-relation-half-sibling = Half sister or half brother
donor-relation-grandparent = Grandmother or grandfather
donor-relation-grandchild = Granddaughter or grandson
donor-relation-uncle-or-aunt = Aunt or uncle
donor-relation-nephew-or-niece = Niece or nephew
donor-relation-cousin = Cousin
donor-relation-spouse = Wife, husband or partner
donor-relation-other = Other

# What was taken
material-blood = Blood
material-saliva = Saliva
material-hair = Hair
material-bone = Bone
material-tooth = Tooth
material-muscle = Muscle
material-cartilage = Cartilage
material-nail = Nail
material-personal-object = Personal object
material-medical-specimen = Kept by a hospital
material-extract = Extract
material-other = Other

# Where a sample stands
sample-state-planned = Planned
sample-state-consented = Consent given
sample-state-collected = Taken
sample-state-sealed = Sealed
sample-state-in-transit = On its way
sample-state-received = Received
sample-state-discrepancy = Not as it was sent
sample-state-rejected-at-reception = Not accepted
sample-state-stored = Stored
sample-state-extraction = Being extracted
sample-state-typed = Typed
sample-state-failed = Nothing could be read
sample-state-low-template = Too little DNA
sample-state-mixture = Mixture
sample-state-contaminated = Contaminated
sample-state-resample-recommended = Take another sample
sample-state-profile-reviewed = Profile reviewed
sample-state-banked = In the bank
sample-state-exhausted = Used up
sample-state-consent-withdrawn = Consent withdrawn
sample-state-search-stopped = Search ended
sample-state-destroyed = Destroyed

# Moves of a sample
sample-command-collect = Note that it was taken
sample-command-seal = Seal
sample-command-hand-over = Hand over
sample-command-receive = Receive
sample-command-report-discrepancy = Report a discrepancy
sample-command-resolve-discrepancy = Clear up the discrepancy
sample-command-reject-at-reception = Do not accept
sample-command-store = Store
sample-command-begin-extraction = Open for the laboratory
sample-command-type = Type
sample-command-fail = Note that nothing could be read
sample-command-find-low-template = Note too little DNA
sample-command-find-mixture = Note a mixture
sample-command-find-contamination = Note contamination
sample-command-recommend-resample = Ask for another sample
sample-command-review-profile = Review the profile
sample-command-bank = Take into the bank
sample-command-exhaust = Note that it is used up
sample-command-withdraw-consent = Withdraw the consent
sample-command-stop-search = End the search
sample-command-destroy = Destroy

# Lines of the ledger
custody-registered = Registered
custody-sealed = Sealed
custody-handed-over = Handed over
custody-received = Received
custody-discrepancy-resolved = Discrepancy cleared up
custody-stored = Stored
custody-opened = Opened for work
custody-consumed = Used up
custody-search-stopped = Search ended
custody-destroyed = Destroyed

# How it came
condition-intact = Intact
condition-opened = Seal open
condition-damaged = Damaged
condition-wet = Wet
condition-warm = Too warm
condition-wrong-label = Another label
condition-missing = Not there

# Where a pedigree stands
pedigree-state-draft = Draft
pedigree-state-validated = Searched
pedigree-state-closed = Closed

# The bench
bank-heading = Forensic bank
bank-intro = Samples, who gave them and who has them.
bank-new-donor = Register a donor
bank-new-sample = Register a sample
bank-counts = How many there are
bank-coming = On their way here
bank-coming-hint = The whole code is read from the label on arrival.
bank-coming-none = Nothing is on its way here.
bank-going = On their way elsewhere
bank-going-none = Nothing is on its way elsewhere.
bank-since = Handed over on { $when }.
bank-due = Expected on { $when }
bank-in-time = In time
bank-late = Late: call the other institution
bank-samples = Samples
bank-search = Any number of the sample
bank-all = All
bank-none = There are no samples yet
bank-none-hint = Of a relative: register the donor with consent first. Of remains: open the found record or register the sample here.
bank-none-filtered = No sample with these data
bank-none-filtered-hint = Remove a filter, or write another of its numbers: the laboratory's, the kit's or an earlier one.
bank-shown = { $n ->
    [0] No sample
    [one] { $n } sample on this page
   *[other] { $n } samples on this page
}
bank-col-code = Code
bank-col-of = Whom it is of
bank-col-taken = Taken
bank-material = Material
bank-open = Open

# Donors and their consent
bank-family = Donors and samples of the family
bank-family-of = Donors and samples, { $folio }
bank-family-text = Relatives who gave or may give a sample, and the person's own things.
bank-family-open = See donors and samples
bank-family-no-samples = There are no samples of this family yet
bank-family-no-samples-hint = A relative's are registered from the donor's page, with consent.
bank-donors = Donors
bank-donors-none = There are no donors yet
bank-donors-none-hint = Nobody has to give a sample. If somebody wishes to, register them with their consent.
bank-donor = Donor
bank-donor-intro = Giving a sample is voluntary, serves the search only and can be withdrawn. The search goes on with or without it.
bank-donor-save = Register the donor
bank-donor-no-samples = There are no samples of this person yet
bank-donor-no-samples-hint = With a consent that covers your institution one can be registered.
bank-samples-of-donor = Their samples
bank-case = Case
bank-case-folio = Folio of the case
bank-relation = What they are to the missing person
bank-relation-hint = For example: the mother, a brother.
bank-name = Name
bank-name-hint = Only your institution sees it. The sample carries a code.
bank-name-elsewhere = The name and the consent stay with the institution that registered this person.
bank-sex = Sex
bank-sex-hint = For the family tree. It may stay blank.
bank-consent = Consent
bank-consent-text = Explain it in the person's language, without hurry. Without consent they are on record, and nothing is taken or kept.
bank-consent-institutions = Who may keep the sample and search with it
bank-consent-institutions-hint = The person decides. What is not ticked does not receive it.
bank-consent-language = Language it was explained in
bank-consent-explained = Who explained it
bank-consent-giver = Who gives it
consent-giver-donor = The donor
consent-giver-guardian = Who represents the donor
bank-consent-version = Version of the signed form
bank-consent-version-hint = It stands at the foot of the sheet.
bank-consent-last = Holds until
bank-consent-last-hint = Blank: until it is withdrawn.
bank-consent-told = Explained in { $language } by { $who }.
bank-consent-given = Given by: { $who }. Form { $version }.
bank-consent-until = Holds until { $when }.
bank-consent-ended = Ended on { $when }.
bank-consent-none = No consent is on record.
bank-covered = The consent covers your institution
bank-not-covered = No consent for your institution
bank-not-covered-text = Until there is one, no sample of this person is registered, read or searched here.
flash-bank-donor = The donor is registered, with consent.
flash-bank-donor-no-consent = The donor is registered. Consent is needed before a sample is taken.
bank-error-relation = Choose what they are to the missing person
bank-error-name = Write the name
bank-error-case = There is no case with this folio that you may see
bank-error-institutions = Tick at least one kind of institution
bank-error-past = This day has passed

# Withdrawing the consent
bank-withdraw-heading = Withdraw the consent
bank-withdraw-text = The person may withdraw it at any time, without a reason. This happens as soon as you confirm:
bank-withdraw-search = Their profiles leave every search, in every institution.
bank-withdraw-weight = What rested on them no longer counts.
bank-withdraw-recall = Whoever has a sample is told to stop and to destroy it before a witness.
bank-withdraw-case = The search for their relative goes on.
bank-withdraw-again = If they later wish to give another sample, a new consent is recorded.
bank-withdraw-reason = In the person's words
bank-withdraw-reason-hint = It may stay blank.
bank-withdraw-sure = The person asked for it and understands what follows
bank-withdraw-send = Withdraw the consent
bank-withdraw-keep = Go back without a change
bank-error-sure = Confirm that the person asked for it
flash-bank-withdrawn = The consent is withdrawn. The search with their samples has ended.

# Taking a sample in
bank-section-of = Whom it is of
bank-section-what = What it is
bank-section-taken = How it was taken
bank-new-own = Register something of the person's own
bank-new-part = Register a part of this sample
bank-part-of = Part of
bank-source = It comes from
bank-number-of = Code of the donor, or folio of the case or found record
bank-number-of-hint = For samples of relatives, of the person's own things or of remains.
bank-staff = Member of staff
bank-staff-hint = Only for samples of staff, which keep contamination from being mistaken.
bank-amount = Amount
bank-amount-hint = For example: two swabs, 3 g.
bank-preservation = Preservation
bank-preservation-hint = For example: FTA card, at -20 °C.
bank-kit-lot = Lot of the kit
bank-taken-on = Day it was taken
bank-taken-on-hint = Blank: it is planned, and cannot be sealed or handed over.
bank-taken-by = Who took it
bank-taken-where = Where it was taken
bank-note = Note
bank-numbers = Numbers it has elsewhere
bank-numbers-hint = Laboratory, file, kit. Any of them finds it later.
bank-scheme = Whose number it is
bank-value = Number
bank-sample-save = Register the sample
flash-bank-sample = The sample is registered. Print its label.
bank-error-source = Choose whom the sample is of
bank-error-number = There is nobody with this code or folio that you may see
bank-error-staff = Choose the person
bank-error-material = Choose what was taken
bank-error-pair = Write whose number it is and the number
bank-error-no-consent = The donor's consent for your institution is missing
bank-error-living = Of a living person it is taken with their own consent, as a donor
bank-to-donor = Record the consent

# A sample
bank-data = Data
bank-owner = Belongs to
bank-found = Found record
bank-found-samples = See its samples
bank-parent = Taken from
bank-parts = Parts
bank-parts-none = No part was taken.
bank-own-number = Own code
bank-numbers-all = All its numbers
bank-number-add = Add a number
bank-number-save = Add
flash-bank-number = The number is added.
bank-label = Label
bank-label-how = Print from the browser's menu, on labels of 100 × 50 mm.
bank-label-qr = QR code with the sample's code
bank-label-bars = Bar code with the sample's code
bank-held = Held by { $who }
bank-held-at = Held by { $who }, at { $place }
bank-on-its-way = On its way to { $to }

# Custody
bank-custody = Chain of custody
bank-line = Line
bank-from = From
bank-to = To
bank-condition = How it came
bank-condition-notes = Condition and notes
bank-hash = Hash
bank-broken = Broken here
bank-gap = Line { $n } is missing
bank-place = Place
bank-temperature = Temperature
bank-discrepancy = What was not right
bank-reason = Reason
bank-witness = Witness
bank-due-by = Expected by
bank-sent = Handed over
bank-check-holds = { $n ->
    [one] Integrity verified: { $n } line
   *[other] Integrity verified: { $n } lines
}
bank-check-missing = Integrity broken: line { $n } is missing
bank-check-changed = Integrity broken: line { $n } is not what was written
bank-check-order = Integrity broken: line { $n } does not follow the one before
bank-check-witness = Integrity broken: the audit was told of another line { $n }
bank-check-unwitnessed = Integrity broken: the audit was never told of line { $n }
bank-check-hint = Each line carries the hash of the one before, and the audit knows them all. Nothing is erased: a gap stays a gap.
bank-check-elsewhere = Checked by the institution it belongs to
bank-check-elsewhere-hint = The whole audit is with the institution the sample belongs to.
bank-moves = Write in the custody
bank-moves-hint = What is written stays with your name and the time. It cannot be changed.
bank-do-sealed = Seal
bank-do-handed-over = Hand over to another institution
bank-do-stored = Store in a place
bank-do-opened = Open for work
bank-do-discrepancy-resolved = Clear up the discrepancy
bank-do-consumed = Note that it is used up
bank-do-search-stopped = Note that every search has ended
bank-do-destroyed = Note its destruction
bank-handed-over-hint = It is on its way until the other institution says that it came.
bank-search-stopped-hint = The consent was withdrawn. Note it when nobody works with it any more.
bank-destroyed-hint = Two people: you and whoever was the witness. There is no way back.
bank-consumed-hint = No material is left. There is no way back.
bank-field-seal = Seal
bank-field-to = To which institution
bank-field-to-name = To whom, or who carries it
bank-field-due = Day it should arrive
bank-handed-over-due-hint = Blank: within the usual time.
bank-handed-over-seal-hint = The one it leaves with. The receiver writes the one they see, and another one is reported.
bank-field-location = Place
bank-stored-location-hint = For example: cold room 2, shelf B, box 14.
bank-field-temperature = Temperature
bank-field-reason = Reason
bank-discrepancy-resolved-reason-hint = What happened and which document shows it.
bank-field-witness = Who was the witness
bank-error-to = Choose to which institution it is handed over
bank-error-seal = Write the number of the seal
bank-error-location = Write where it is put
bank-error-witness = Write who was the witness
bank-error-reason = Write how it was cleared up
bank-error-same = Within your institution it is not handed over: it is stored elsewhere
bank-stale = Somebody else wrote a line while you were typing. Read the new lines; what you typed is here.
bank-illegal = This is not possible in the sample's present state
bank-elsewhere = Another institution has it: what happens there is theirs to write
flash-bank-written = It is written in the custody.

# Receiving a sample
bank-reception = Receive a sample
bank-as-sent = What was sent
bank-as-sent-hint = The seal it left with is not shown: write the one you see.
bank-code-scan = Code on the label
bank-code-scan-hint = Scan it or type it in full.
bank-seal-seen = Seal it carries
bank-seal-seen-hint = Blank if it carries none.
bank-discrepancy-hint = Blank if everything is right.
bank-receive = Note that it came
bank-error-code = Scan or type the code on the label
bank-error-condition = Choose how it came
bank-error-other-sample = This is not the code of the sample that was handed over. Look at the label again.
flash-bank-received = The sample is received.
flash-bank-discrepancy = The sample is received, with a discrepancy to be cleared up.
deed-register-donor = Registered a donor
deed-custody = Wrote in the custody
