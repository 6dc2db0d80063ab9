# The pages of geneticists: profiles, families and their pedigrees, results of kinship, searches of the bank.

genetics-pages = Pages of genetics
genetics-who-sees = Only geneticists of this institution see this page. Every look is logged.

# The profile of a sample
genetics-profile = DNA profile
genetics-sample = Sample
genetics-back-to-sample = Sample { $code }
genetics-standing = Where the profile stands
genetics-profile-code = Profile
genetics-no-reading = There is no reading of this sample yet.
genetics-loci-agreed = { $n ->
    [one] Two readings agree on { $n } autosomal locus
   *[other] Two readings agree on { $n } autosomal loci
}
genetics-loci-differing = Readings differ at: { $loci }
genetics-loci-once = Read once: { $loci }
genetics-look-again = Look twice
genetics-held-back = { $n ->
    [one] There is one reading by somebody else.
   *[other] There are { $n } readings by others.
}
genetics-held-back-why = It is not shown until you have entered yours: the second reading is made without knowing the first.
profile-state-draft = One reading
profile-state-discordant = Readings differ
profile-state-concordant = Two readings agree
profile-state-searchable = Searched
profile-state-not-searchable = Not searched
profile-state-withdrawn = Consent withdrawn
profile-text-draft = A reading by somebody else is missing. A profile is searched when two people read the same.
profile-text-discordant = Two readings do not agree at every locus. Look at the electropherograms again; whoever corrects enters a new reading.
profile-text-concordant = Two readings agree.
profile-text-searchable = Two readings agree, and the profile is compared with the bank.
profile-text-not-searchable = Two readings agree, but the profile is not compared: see the notes.
profile-text-withdrawn = Consent was withdrawn. The profile is compared with nothing any more.
profile-flag-partial = There are too few loci to say anything.
profile-flag-one-allele = At some locus only one allele was read.
profile-flag-three-alleles = At some locus three alleles were read.
profile-flag-off-ladder = Some allele is off the ladder.
profile-flag-unknown-locus = Some locus is not one that is known.
profile-flag-sex-conflict = The sex that was read is not the one that was told.
profile-flag-mixture = It looks like a mixture of more than one person.
profile-flag-staff-match = It matches the profile of somebody of staff: possibly contamination.
profile-flag-duplicate = Another profile of the bank is identical.
genetics-enter = Enter your reading
genetics-enter-again = Enter another reading of yours
genetics-enter-open = Open the form
genetics-enter-text = Type alleles in the order in which they are read and go on with Tab. Leave blank what was not read; write a homozygote twice. The third field is for a third allele. Enter only checks: the button saves.
genetics-kit = Kit
genetics-laboratory = Laboratory
genetics-run-on = Day of the run
genetics-grid-autosomal = Autosomal loci and Amelogenin
genetics-grid-y = Y chromosome in autosomal kits
genetics-grid-more-y = More loci of the Y chromosome
genetics-cell = { $locus }, allele { $n }
genetics-more-read = Other loci and mitochondrial DNA
genetics-more-loci = Other loci
genetics-more-loci-hint = One a line, with a colon after the name: Penta C: 9 11
genetics-more-loci-error = Write each locus once, with its alleles: Penta C: 9 11
genetics-mt-ranges = Sequenced parts of mitochondrial DNA
genetics-mt-ranges-hint = First and last position, for example 16024-16365, 73-340
genetics-mt-ranges-error = Write parts as 16024-16365, within positions 1 to 16569
genetics-mt-differences = Differences from the reference sequence (rCRS)
genetics-mt-differences-hint = For example 16223T 263G 315.1C 523-
genetics-mt-differences-error = A difference is a position in a sequenced part and a base: 263G, 315.1C, 523-
genetics-save-reading = Save the reading
genetics-not-usable = Consent for this sample was withdrawn. Nothing is read of it any more.
genetics-no-consent = No live consent of the donor covers this institution
genetics-nothing-read = Write the alleles of at least one locus
genetics-fault-too-many-alleles = { $locus }: more than three alleles are not one person's
genetics-fault-allele = { $locus }: an allele is a number such as 9.3, or OL; Amelogenin is X, X or X, Y
genetics-fault-twice = { $locus }: the locus is there twice, under two names
genetics-fault-form = { $locus }: that cannot be the name of a locus
genetics-read = What was read
genetics-locus = Locus
genetics-agreed = Agreed
genetics-reading-number = Reading { $n }
genetics-note = Note
genetics-reading-yours = Your reading
genetics-reading-other = Somebody else's reading
genetics-reading-kit = { $kit }, { $laboratory }
genetics-reading-when = Run on { $run }; entered on { $entered }
genetics-locus-differs = Differs
genetics-locus-once = Once only
genetics-mitochondrial = Mitochondrial DNA
genetics-mt-sequenced = Sequenced: { $ranges }
genetics-mt-told = Differences from the reference: { $differences }
genetics-mt-none = No differences from the reference.
flash-reading-saved = Your reading was saved.

# Families
genetics-families = Families
genetics-families-intro = Pedigrees of families who search. Those that are searched are compared with all remains of the bank.
genetics-families-none = There are no families yet
genetics-families-none-hint = Write the folio of a case to draw its family.
genetics-families-shown = { $n ->
    [one] { $n } family
   *[other] { $n } families
}
genetics-family = Family
genetics-missing-count = Missing
genetics-donor-count = Donors
genetics-since = Since
genetics-new-family = Draw a family
genetics-edit-family = Change the pedigree
genetics-draw-for = Folio of the case
genetics-draw-for-hint = The case of the missing person.
genetics-no-case = There is no case of that folio that this institution may see
genetics-back-to-family = Back to the family
genetics-editor-intro = A row for each person, with a name of the pedigree's own (mother, uncle 1), never somebody's name. Father and mother are written by the names of their rows.
genetics-editor-case = Case { $folio }
genetics-editor-hint = Whoever brought somebody up without being a parent by birth is drawn and weighs nothing; put a comma between names. The folio is only needed for a missing person of another case. Enter only draws: the button saves.
genetics-begin-from = Begin with:
genetics-begin-parents = Mother and father
genetics-begin-siblings = Sisters or brothers
genetics-begin-grandparents = Grandmother and grandfather
genetics-begin-uncle = Aunt or uncle
genetics-name-father = father
genetics-name-mother = mother
genetics-name-person = person
genetics-name-sibling = sibling
genetics-name-grandfather = grandfather
genetics-name-grandmother = grandmother
genetics-name-uncle = aunt or uncle
genetics-more-rows = Add rows
genetics-draw-now = Draw
genetics-state = What becomes of the pedigree
genetics-save-family = Save the pedigree
pedigree-text-draft = Not compared with the bank yet.
pedigree-text-validated = Compared with all remains of the bank.
pedigree-text-closed = Not compared any more.
genetics-person = Person
genetics-sex = Sex
genetics-female = Woman
genetics-male = Man
genetics-father = Father
genetics-mother = Mother
genetics-adoptive = Brought up by
genetics-who = Who it is
genetics-case-folio = Folio
genetics-dna = DNA
genetics-who-nobody = No sample
genetics-who-is-missing = Missing
genetics-who-missing = Missing: { $folio }
genetics-who-reserved = Reserved donor
genetics-error-in-row = Row { $n }: { $text }
genetics-error-name = Write a name of the pedigree
genetics-error-sex = Choose the sex
genetics-error-unknown = Nobody in the pedigree has that name
genetics-error-parent-sex = A father is a man and a mother a woman
genetics-error-cycle = Nobody can descend from themselves
genetics-error-twice = That name is there twice
genetics-error-inbreeding = Inbreeding is given only of somebody without parents in the pedigree
genetics-error-nobody-missing = Say who is missing
genetics-error-donor-twice = That sample is somebody else's in the pedigree
genetics-error-donor-sex = The donor is of another sex
genetics-stale = Somebody else changed this pedigree while you were typing. What you typed is still here; open the pedigree in another window, compare, and save after loading it again.
flash-family-saved = The pedigree was saved.

# The drawing
genetics-pedigree = Pedigree
genetics-chart-label = The family's pedigree
genetics-chart-text = { $people ->
    [one] One person
   *[other] { $people } people
} in { $generations ->
    [one] one generation.
   *[other] { $generations } generations.
}
genetics-chart-missing = Missing: { $names }.
genetics-chart-typed = With a profile: { $names }.
genetics-standing-missing = missing
genetics-standing-typed = profile
genetics-standing-sampled = donor
genetics-key-missing = Missing
genetics-key-typed = With a profile that is searched
genetics-key-double = Couple with a common ancestor
genetics-key-adoptive = Brought up, not born

# Results in words
genetics-results = What remains weigh
genetics-remains-compared = { $n ->
    [0] There are no remains with a profile in the bank yet.
    [one] Compared with the only remains with a profile in the bank.
   *[other] Compared with { $n } remains with a profile in the bank.
}
genetics-results-caution = This is the strength of the DNA evidence, not an identification. The more remains are compared, the more agree by chance: read every figure with the number of remains.
genetics-results-none = Nothing to show yet
genetics-results-none-hint = Remains appear whose profile speaks for kinship, and those that somebody looks at already.
genetics-result-title = { $found } and { $who }
genetics-found-reserved = Reserved remains
genetics-badge-for = Speaks for it
genetics-badge-weak = Speaks for it a little
genetics-badge-against = Speaks against it
genetics-badge-none = Says nothing
genetics-badge-mismatch = Does not agree at every marker
genetics-badge-withdrawn = Withdrawn
genetics-results-against = { $n ->
    [one] One more, which does not speak for it
   *[other] { $n } more, which do not speak for it
}
genetics-withdrawn = The consent or the profile this result rested on was withdrawn. It says nothing any more, neither for nor against.
genetics-lr-for = The DNA results are { $n } times more probable if { $found } is { $who } than if it is somebody unrelated to the family.
genetics-lr-against = The DNA results are { $n } times more probable if { $found } is somebody unrelated to the family than if it is { $who }.
genetics-lr-none = The DNA results are as probable with kinship as without: they say nothing.
genetics-supports-for = This is { $degree } support for its being so.
genetics-supports-against = This is { $degree } support against its being so.
genetics-degree-weak = weak
genetics-degree-moderate = moderate
genetics-degree-moderately-strong = moderately strong
genetics-degree-strong = strong
genetics-degree-very-strong = very strong
genetics-degree-extremely-strong = extremely strong
genetics-mismatch = At { $n } of { $of } markers the remains cannot agree with the family if nothing mutates.
genetics-rest-for = The other markers are { $n } times more probable if { $found } is { $who } than without kinship.
genetics-rest-against = The other markers are { $n } times more probable without kinship than if { $found } is { $who }.
genetics-mismatch-few = One or two differences can be mutations, or an error of reading or of the pedigree: they have to be looked at.
genetics-mismatch-many = These are more differences than mutation explains: by this pedigree it is not that person.
genetics-direct = Compared with what was read from the person’s own things, not with relatives.
genetics-mismatch-own = At { $n } of { $of } markers the remains differ from what was read from the person’s own things.
genetics-mismatch-many-own = These are too many differences for one person: it is not them, or the things were not theirs.
genetics-line-sex-consistent = The sex that amelogenin tells agrees.
genetics-line-sex-inconclusive = Amelogenin shows only X and a man is sought: the Y may be missing by a deletion; it has to be looked at.
genetics-line-sex-excludes = Amelogenin shows a Y and a woman is sought: it does not agree, or the sex is recorded wrongly.
genetics-line-y-consistent = The Y chromosome agrees with the paternal line. It is not part of the figure.
genetics-line-y-inconclusive = The Y chromosome differs from the paternal line at one or two markers: it does not decide.
genetics-line-y-excludes = The Y chromosome differs from the paternal line at three markers or more: it is not of that line.
genetics-line-mtdna-consistent = Mitochondrial DNA agrees with the maternal line. It is not part of the figure.
genetics-line-mtdna-inconclusive = Mitochondrial DNA differs from the maternal line at one position: it does not decide.
genetics-line-mtdna-excludes = Mitochondrial DNA differs from the maternal line at two positions or more: it is not of that line.
genetics-posterior = { $n ->
    [one] If before testing it was as likely to be that person as not, the probability that it is is { $share }.
   *[other] If before testing that person was as likely to be any one of the { $n } remains compared as to be none of them, the probability that it is that person is { $share }.
}
genetics-above-9999 = more than 99.99 %
genetics-below-0001 = less than 0.01 %
genetics-millions = { $n } million
genetics-thousand-millions = { $n } billion
genetics-million-millions = { $n } trillion
genetics-power-of-ten = more than 10 to the power of { $n }
genetics-log10 = log10 of the likelihood ratio
genetics-compared = Markers compared
genetics-excluding = Markers that do not agree
genetics-weighed-at = Weighed
genetics-weighed-with = How it was weighed
genetics-open-found = Open { $found }
genetics-stamp-table = Frequencies: { $table } ({ $name }).
genetics-stamp-rare = Rare alleles count as if seen five times in the table's sample.
genetics-stamp-mutation = Mutation { $model }: { $women } a generation in women, { $men } in men.
genetics-stamp-no-mutation = No mutation.
genetics-stamp-no-theta = No correction for subpopulations.
genetics-stamp-theta = Correction for subpopulations of { $n }.
genetics-stamp-release = Engine { $release }.
mutation-model-proportional = in proportion to frequencies
mutation-model-equal = equally to any allele
frequency-table-fbi2015-african-amer-bahamian-jamaican = African Americans, Bahamians and Jamaicans
frequency-table-fbi2015-african-american = African Americans
frequency-table-fbi2015-apache = Apache
frequency-table-fbi2015-bahamian = Bahamians
frequency-table-fbi2015-caucasian = Americans of European descent
frequency-table-fbi2015-chamorro = Chamorro
frequency-table-fbi2015-filipino = Filipinos
frequency-table-fbi2015-jamaican = Jamaicans
frequency-table-fbi2015-navajo = Navajo
frequency-table-fbi2015-se-hispanic = Hispanics of the south-east of the United States
frequency-table-fbi2015-sw-hispanic = Hispanics of the south-west of the United States
frequency-table-fbi2015-trinidadian = Trinidadians
frequency-table-nist1036-afam = African Americans (NIST)
frequency-table-nist1036-asian = Asian Americans (NIST)
frequency-table-nist1036-cauc = Americans of European descent (NIST)
frequency-table-nist1036-hisp = Hispanics of the United States (NIST)

# What a family can tell
genetics-power = What the family can tell
genetics-power-intro = What the family's samples can show before there are remains, and whose sample would help most.
genetics-power-none = The pedigree does not say who is missing.
genetics-power-of = For { $who }
genetics-exclusion = Unrelated remains are excluded at one marker or more with a probability of { $share }; on average at { $n } markers.
genetics-expected-true = If they are the missing person's, a log10 of { $n } is expected.
genetics-expected-not = If they are somebody unrelated, markers that do not exclude give an expected log10 of { $n }.
genetics-reach = How strong it would become
genetics-reach-text = How likely the missing person's remains reach that log10, of a thousand profiles drawn.
genetics-reaches = log10 of { $n } or more
genetics-of-thousand = { $n } of 1000
genetics-next = Whom to ask for a sample
genetics-next-text = What each sample would add to the expected log10: the mean of twenty profiles drawn.
genetics-next-nobody = Everybody in the pedigree has a profile or is missing.
genetics-next-little = No sample in this pedigree would add much.
genetics-next-best = The sample that would help most is that of { $who }: it would add { $gain } to the expected log10.

# Searches of the bank
genetics-runs = Searches of the bank
genetics-runs-intro = Every family of the institution with all remains. What is new is compared by itself: this is for a change of frequencies, model or release.
genetics-runs-none = No search has been asked for yet
genetics-runs-none-hint = What is new is compared without being asked for.
genetics-run-begin = Compare the whole bank
genetics-run-reload = See how it goes
genetics-run-cancel = Cancel this search
genetics-run-open = Running
genetics-run-ended = Ended
genetics-run-cancelled = Cancelled
genetics-run-parts = Progress
genetics-run-progress = { $done } of { $of } parts; { $families ->
    [one] { $families } family
   *[other] { $families } families
}; { $workers ->
    [one] { $workers } worker
   *[other] { $workers } workers
}
genetics-run-found = Pairs compared: { $pairs }. Kept: { $kept }.
flash-search-begun = The search has begun. You can close this page.
flash-search-cancelled = The search was cancelled. What was compared is kept.
flash-search-had-ended = That search had ended already.

# Joint identification
genetics-joint = Joint identification
genetics-joint-intro = For an event with a closed group of people, as a shipwreck or a mass grave: all remains and all families at once, as what one says tells something of the others.
genetics-joint-event = Event
genetics-joint-event-hint = Place and date; no names of persons.
genetics-joint-cases = Folios of the missing persons
genetics-joint-cases-hint = One a line, or apart by commas. The institution has to have each family’s pedigree.
genetics-joint-founds = Folios of the remains
genetics-joint-founds-hint = One a line, or apart by commas. Those of one person are put together first.
genetics-joint-begin = Compute
genetics-joint-none = None has been asked for yet
genetics-joint-none-hint = For remains and families that are not of one event the bank’s search is enough.
genetics-joint-asked = { $missing } missing persons and { $remains } remains
genetics-joint-failed = Could not be computed
genetics-joint-unknown = There is no such record with the folio { $folio }
genetics-joint-no-pedigree = The institution has no pedigree of the family of one of these cases
genetics-joint-problem-too-many = These are too many combinations to compute together. Divide the event, or take out remains that are excluded already.
genetics-joint-problem-impossible = With profiles and pedigrees as they are, what was read cannot be. See whether a profile or a relationship is wrong.
genetics-joint-problem-withdrawn = A consent or a profile it rested on was withdrawn: what was computed is not shown any more.
genetics-joint-caution = It puts work in order, it identifies nobody. It takes the group to be closed: if people are missing from the list, the probabilities mislead.
genetics-joint-too-many = These are too many combinations to add them all up: probabilities are missing, conclusions were computed family by family.
genetics-joint-ties = There are { $n } assignments as likely as the likeliest.
genetics-joint-said = What it says of each remains
genetics-joint-one-person = By their profile they are of one person; they count once.
genetics-joint-table = Who may be whom
genetics-joint-table-hint = The probability among all possible assignments and, below it, the logarithm of the likelihood ratio of each pair by itself.
genetics-joint-remains = Remains
genetics-joint-nobody = None of them
genetics-joint-left-out = Took no part
genetics-joint-left-out-hint = Cases without a validated pedigree and remains without a profile in the search.
genetics-joint-how = What it was computed with
genetics-joint-undisputed = { $who } is the only person of the list it agrees with, and no other comes near.
genetics-joint-match = Within the family { $who } agrees best, by far.
genetics-joint-probable-match = Within the family { $who } agrees best, by some way.
genetics-joint-symmetric = It is of siblings whom the family’s DNA does not tell apart: another test is needed.
genetics-joint-disputed = It agrees with { $who } and with somebody else too, or other remains agree as well.
genetics-joint-probable = It agrees with { $who }, but not enough.
genetics-joint-inconclusive = It is not enough to say whether it is any of these persons.
genetics-joint-no-match = It is likelier to be none of these persons.
genetics-joint-excluded = It is none of these persons, if the pedigrees are right.
joint-conclusion-undisputed = Undisputed
joint-conclusion-match = Agrees jointly
joint-conclusion-probable-match = Probable jointly
joint-conclusion-symmetric = Siblings not told apart
joint-conclusion-disputed = Disputed
joint-conclusion-probable = Probable
joint-conclusion-inconclusive = Inconclusive
joint-conclusion-no-match = Does not agree
joint-conclusion-excluded = Excluded
