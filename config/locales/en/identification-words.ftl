# Words of identification, notification and restitution: for staff only, never for families.

# identification-state
identification-state-draft = Draft
identification-state-in-review = In review: signatures awaited
identification-state-signed = Signed by one institution
identification-state-issued = Issued
identification-state-revocation-proposed = Revocation proposed
identification-state-revoked = Revoked

# identification-command
identification-command-edit = Edit
identification-command-submit = Hand in for signing
identification-command-sign = Sign
identification-command-return-to-draft = Return to draft
identification-command-reissue = Seal again
identification-command-propose-revocation = Propose revocation
identification-command-keep = Keep
identification-command-revoke = Revoke

# identification-method
identification-method-dna = DNA
identification-method-dental = Dental comparison
identification-method-fingerprint = Fingerprints
identification-method-implant-serial = Serial number of an implant
identification-method-reasoned-combination = Reasoned combination
identification-method-anthropology = Anthropology
identification-method-medical-record = Medical record
identification-method-body-marks = Body marks
identification-method-circumstances = Circumstances
identification-method-personal-effects = Personal effects
identification-method-visual-recognition = Visual recognition

# report-standing
report-standing-valid = Valid
report-standing-revoked = Revoked
report-standing-consult = Ask an institution
report-standing-replaced = Replaced by a later version

# notification-kind
notification-kind-identified-deceased = Identification of the person
notification-kind-partial-remains = More remains of the person
notification-kind-misidentification = An identification was wrong
notification-kind-located-alive = Located alive
notification-kind-search-status = How the search goes
notification-kind-no-match-result = Nothing fits so far

# notification-state
notification-state-need-identified = To be planned
notification-state-planned = Planned
notification-state-authorised = Authorised
notification-state-scheduled = Scheduled
notification-state-family-postponed = Postponed by the family
notification-state-failed-attempt = Failed attempt
notification-state-delivered = Delivered
notification-state-contested = Contested
notification-state-independent-review = Independent review
notification-state-reaffirmed = Reaffirmed
notification-state-acknowledged = Acknowledged
notification-state-follow-up = Follow-up
notification-state-completed = Completed
notification-state-cancelled = Cancelled

# notification-command
notification-command-open = Open
notification-command-plan = Plan
notification-command-authorise = Authorise
notification-command-schedule = Schedule
notification-command-postpone-by-family = Postpone at the family's wish
notification-command-record-failed-attempt = Record a failed attempt
notification-command-record-delivery = Record that a person told the family
notification-command-contest = Record that the family doubts it
notification-command-begin-independent-review = Begin an independent review
notification-command-reaffirm = Reaffirm
notification-command-acknowledge = Record that the family took it in
notification-command-record-follow-up = Record a follow-up
notification-command-complete = Complete
notification-command-cancel = Cancel

# delivery-mode
delivery-mode-in-person = In person
delivery-mode-remote = Remotely, by the family's decision

# restitution-state
restitution-state-offered = Offered
restitution-state-decision-pending = The family considers it
restitution-state-accepted = Accepted
restitution-state-refused-for-now = Not now
restitution-state-paperwork = Paperwork
restitution-state-transfer = On the way
restitution-state-delivered = Delivered
restitution-state-ceremony-support = Ceremony support
restitution-state-closed = Closed
restitution-state-frozen = Frozen by a revocation

# restitution-command
restitution-command-offer = Offer
restitution-command-edit = Write down details
restitution-command-await-decision = Await the family's decision
restitution-command-accept = Record that the family accepts
restitution-command-refuse-for-now = Record that the family does not want it now
restitution-command-begin-paperwork = Begin the paperwork
restitution-command-begin-transfer = Begin the transfer
restitution-command-deliver = Record the handing over
restitution-command-begin-ceremony-support = Accompany the ceremony
restitution-command-close = Close
restitution-command-freeze = Freeze

# restitution-item
restitution-item-remains = Remains
restitution-item-belonging = Belonging
restitution-item-document = Document

# restitution-paper
restitution-paper-death-certificate-apostille = Death certificate with apostille
restitution-paper-transit-permit = Transit permit
restitution-paper-embalming-or-cremation-certificate = Certificate of embalming or cremation
restitution-paper-consular-visa = Consular visa

# paper-state
paper-state-pending = Pending
paper-state-obtained = Obtained
paper-state-not-needed = Not needed

# notice
notice-identification-waiting = An identification waits for your institution
notice-identification-issued = An identification was issued
notice-identification-revoked = An identification was revoked
notice-notification-overdue = A family is still to be spoken with in person

# partner-notice
partner-notice-identification-waiting = An identification waits for your institution
partner-notice-identification-issued = An identification was issued
partner-notice-identification-revoked = An identification was revoked
partner-notice-notification-overdue = A family is still to be spoken with in person
