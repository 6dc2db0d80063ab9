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
