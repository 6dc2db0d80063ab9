# Texts for families and the public: short sentences, present tense, no forbidden words, no hurry and no promises.

family-start-folio = I already have a folio
family-emergency = If someone is in danger now, call { $number }.
family-no-immigration = We ask nobody about their immigration situation.

exit-now = Leave quickly
exit-hint = You can also press the Shift key three times.
exit-two-more = Shift: press two more times to leave.
exit-one-more = Shift: press once more to leave.
exit-honest = Leaving quickly does not erase the history of this device.

family-sign-in-heading = Come in with your folio
family-folio = Folio
family-folio-hint = It is on the paper or message we gave you. For example, HND-CBHN-2026-000123-7.
family-pin = PIN
family-pin-hint = The numbers you were given with your folio.
family-sign-in = Come in
family-sign-in-failed = We could not open with those details. Check the folio and the PIN, or call us: we will help.
family-sign-in-wait = Wait a few minutes before trying again. You can also call us.

family-in-contact-heading = Your contact person is in touch with you
family-what-we-do = What we are doing
family-phase-done = Done
family-phase-current = Now
family-phase-later = Later
family-phase-report = We received your report
family-phase-report-text = We keep what you told us. You will not have to tell it again.
family-phase-gathering = We gather information
family-phase-gathering-text = We ask other institutions. This can take weeks.
family-phase-comparing = We compare the information
family-phase-comparing-text = We are comparing the information with several registers. This can take months. Having no news does not mean that we stopped searching.
family-phase-talking = We talk with you
family-phase-talking-text = If there is something important, a person will call you to arrange a meeting. We will never tell you by message.

family-contact-heading = Your contact person
family-contact-none = We will tell you who your contact person is when we call.
family-call-heading = Ask for a call
family-call-text = Choose when we call you. If you prefer that we leave no messages, we respect that.
family-call-when = What time suits you best?
family-call-morning = In the morning
family-call-afternoon = In the afternoon
family-call-evening = In the evening
family-call-any = At any time
family-call-number = Which number shall we call?
family-call-number-hint = Leave it blank if it is the one we have.
family-call-quiet = If you do not answer
family-call-no-message = Leave no messages
family-call-note = Is there something you want to tell us before?
family-call-send = Ask for the call

family-data-heading = Your data and permissions
family-data-text = This is what we hold and with whom we share it. You can change it whenever you want.
family-data-shared-none = We share it with nobody else.

family-help-line = Would you rather talk? Call us on { $number }.
