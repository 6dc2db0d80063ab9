# Palabras de la identificación, la notificación y la restitución: solo para el personal, nunca para familias.

# identification-state
identification-state-draft = Borrador
identification-state-in-review = En revisión: faltan las firmas
identification-state-signed = Firmado por una institución
identification-state-issued = Emitido
identification-state-revocation-proposed = Revocación propuesta
identification-state-revoked = Revocado

# identification-command
identification-command-edit = Editar
identification-command-submit = Entregar para firma
identification-command-sign = Firmar
identification-command-return-to-draft = Devolver a borrador
identification-command-reissue = Sellar de nuevo
identification-command-propose-revocation = Proponer revocación
identification-command-keep = Mantener
identification-command-revoke = Revocar

# identification-method
identification-method-dna = ADN
identification-method-dental = Odontología
identification-method-fingerprint = Huellas dactilares
identification-method-implant-serial = Número de serie de un implante
identification-method-reasoned-combination = Combinación razonada
identification-method-anthropology = Antropología
identification-method-medical-record = Expediente médico
identification-method-body-marks = Señas particulares
identification-method-circumstances = Circunstancias
identification-method-personal-effects = Pertenencias
identification-method-visual-recognition = Reconocimiento visual

# report-standing
report-standing-valid = Vigente
report-standing-revoked = Revocado
report-standing-consult = Consulte a una institución
report-standing-replaced = Sustituido por una versión posterior

# notification-kind
notification-kind-identified-deceased = Identificación de la persona
notification-kind-partial-remains = Más restos de la persona
notification-kind-misidentification = Una identificación fue errónea
notification-kind-located-alive = Localización con vida
notification-kind-search-status = Avance de la búsqueda
notification-kind-no-match-result = Comparación sin resultado

# notification-state
notification-state-need-identified = Por planear
notification-state-planned = Planeada
notification-state-authorised = Autorizada
notification-state-scheduled = Con día y hora
notification-state-family-postponed = Aplazada por la familia
notification-state-failed-attempt = No se logró
notification-state-delivered = Dada en persona
notification-state-contested = La familia duda
notification-state-independent-review = Revisión independiente
notification-state-reaffirmed = Reafirmada
notification-state-acknowledged = Recibida por la familia
notification-state-follow-up = Acompañamiento
notification-state-completed = Concluida
notification-state-cancelled = Cancelada

# notification-command
notification-command-open = Abrir
notification-command-plan = Planear
notification-command-authorise = Autorizar
notification-command-schedule = Acordar día y hora
notification-command-postpone-by-family = Aplazar a petición de la familia
notification-command-record-failed-attempt = Anotar un intento sin lograrse
notification-command-record-delivery = Anotar que una persona habló con la familia
notification-command-contest = Anotar que la familia duda
notification-command-begin-independent-review = Pedir revisión independiente
notification-command-reaffirm = Reafirmar
notification-command-acknowledge = Anotar que la familia lo recibió
notification-command-record-follow-up = Anotar acompañamiento
notification-command-complete = Concluir
notification-command-cancel = Cancelar

# delivery-mode
delivery-mode-in-person = En persona
delivery-mode-remote = A distancia, por decisión de la familia

# restitution-state
restitution-state-offered = Ofrecida
restitution-state-decision-pending = La familia decide
restitution-state-accepted = Aceptada
restitution-state-refused-for-now = Por ahora no
restitution-state-paperwork = Trámites
restitution-state-transfer = En traslado
restitution-state-delivered = Entregada
restitution-state-ceremony-support = Acompañamiento de la ceremonia
restitution-state-closed = Concluida
restitution-state-frozen = Detenida por una revocación

# restitution-command
restitution-command-offer = Ofrecer
restitution-command-edit = Anotar datos
restitution-command-await-decision = Esperar la decisión de la familia
restitution-command-accept = Anotar que la familia acepta
restitution-command-refuse-for-now = Anotar que por ahora no
restitution-command-begin-paperwork = Iniciar trámites
restitution-command-begin-transfer = Iniciar traslado
restitution-command-deliver = Anotar la entrega
restitution-command-begin-ceremony-support = Acompañar la ceremonia
restitution-command-close = Concluir
restitution-command-freeze = Detener

# restitution-item
restitution-item-remains = Restos
restitution-item-belonging = Pertenencia
restitution-item-document = Documento

# restitution-paper
restitution-paper-death-certificate-apostille = Acta de defunción apostillada
restitution-paper-transit-permit = Permiso de tránsito
restitution-paper-embalming-or-cremation-certificate = Certificado de embalsamamiento o cremación
restitution-paper-consular-visa = Visado consular

# paper-state
paper-state-pending = Pendiente
paper-state-obtained = Obtenido
paper-state-not-needed = No se necesita

# notice
notice-identification-waiting = Un dictamen de identificación espera a su institución
notice-identification-issued = Se emitió un dictamen de identificación
notice-identification-revoked = Se revocó un dictamen de identificación
notice-notification-overdue = Una familia espera que una persona hable con ella

# partner-notice
partner-notice-identification-waiting = Un dictamen de identificación espera a su institución
partner-notice-identification-issued = Se emitió un dictamen de identificación
partner-notice-identification-revoked = Se revocó un dictamen de identificación
partner-notice-notification-overdue = Una familia espera que una persona hable con ella
