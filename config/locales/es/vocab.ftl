# Vocabularios cerrados: una clave por valor del dominio.

# Autoridades
authority-search-commission = Comisión de búsqueda
authority-prosecutor = Fiscalía
authority-forensic-service = Servicio forense
authority-forensic-bank = Banco forense
authority-ombudsperson = Defensoría de derechos humanos
authority-public-defender = Defensoría pública
authority-consulate = Consulado
authority-migrant-shelter = Albergue para personas migrantes
authority-hospital = Hospital
authority-association = Asociación de familiares
authority-laboratory = Laboratorio
authority-red-cross = Cruz Roja
authority-court = Juzgado

# Funciones
role-search-officer = Búsqueda
role-reviewer = Revisión
role-forensic-officer = Forense
role-geneticist = Genetista
role-consular-officer = Consular
role-public-defender = Defensa pública
role-association-member = Asociación de familiares
role-administrator = Administración
role-family = Familia

# Derechos de una función
right-read-cases = Ver expedientes
right-write-cases = Registrar y cambiar expedientes
right-read-found = Ver personas encontradas
right-write-found = Registrar y cambiar personas encontradas
right-read-hypotheses = Ver hipótesis
right-review = Revisar hipótesis
right-import = Importar archivos
right-partner-query = Consultar con propósito declarado
right-follow-mandates = Seguir los casos con mandato
right-read-routes = Ver mapa y rutas
right-read-audit = Ver el registro de accesos
right-manage-users = Administrar usuarios
right-read-samples = Ver muestras y custodia
right-write-samples = Registrar muestras y escribir la custodia
right-genetics = Ver y capturar perfiles de ADN

# Estados del expediente
case-state-draft = Borrador
case-state-registered = Registrado
case-state-search-active = Búsqueda activa
case-state-search-suspended = Búsqueda suspendida
case-state-information-requested = Información solicitada
case-state-possible-location = Posible localización en verificación
case-state-located-alive = Localizada con vida
case-state-contact-restored = Contacto restablecido
case-state-contact-refused = No desea contacto por ahora
case-state-protection-hold = Reserva por protección
case-state-identified-deceased = Identificación emitida
case-state-family-notified = Familia notificada en persona
case-state-restitution-in-progress = Restitución en curso
case-state-restituted = Restitución concluida
case-state-follow-up = Acompañamiento
case-state-closed = Cerrado
case-state-reopened = Reabierto
case-state-duplicate-linked = En reposo bajo otro expediente
case-state-withdrawn-by-family = Retirado por la familia
case-state-identification-revoked = Identificación revocada

# Órdenes sobre el expediente
case-command-register = Registrar
case-command-request-information = Pedir información
case-command-activate-search = Iniciar o reanudar la búsqueda
case-command-suspend-search = Suspender la búsqueda
case-command-open-possible-location = Abrir posible localización
case-command-discard-possible-location = Descartar la posible localización
case-command-confirm-located-alive = Confirmar localización con vida
case-command-restore-contact = Anotar contacto restablecido
case-command-record-contact-refused = Anotar que no desea contacto
case-command-hold-for-protection = Reservar por protección
case-command-confirm-identified = Confirmar identificación
case-command-record-family-notified = Anotar notificación en persona
case-command-begin-restitution = Iniciar restitución
case-command-complete-restitution = Concluir restitución
case-command-begin-follow-up = Iniciar acompañamiento
case-command-close = Cerrar
case-command-link-duplicate = Dejar en reposo bajo el expediente vinculado
case-command-withdraw-by-family = Anotar retiro por la familia
case-command-reopen = Reabrir
case-command-revoke-identification = Revocar identificación

# Estados de la hipótesis
hypothesis-state-proposed = Propuesta
hypothesis-state-triage-rejected = Descartada en la primera revisión
hypothesis-state-under-review = En revisión
hypothesis-state-needs-information = Falta información
hypothesis-state-rejected = Descartada
hypothesis-state-verification-requested = Verificación solicitada
hypothesis-state-verified-support = Verificación a favor
hypothesis-state-verified-exclusion = Verificación excluyente
hypothesis-state-inconclusive = No concluyente
hypothesis-state-second-review = Segunda revisión
hypothesis-state-board = En el grupo multidisciplinario
hypothesis-state-confirmed = Confirmada
hypothesis-state-returned = Devuelta
hypothesis-state-reopened = Reabierta
hypothesis-state-superseded = Sustituida por otra
hypothesis-state-withdrawn = Retirada por falta de consentimiento

# Registros de personas encontradas
found-kind-living = Persona localizada con vida
found-kind-hospital = Persona hospitalizada
found-kind-detention = Persona detenida
found-kind-shelter = Persona en albergue
found-kind-remains-named = Persona fallecida con nombre por confirmar
found-kind-remains-unnamed = Persona fallecida sin identificar
found-kind-foreign-case = Expediente de otro país

# Lo que se dibuja en el mapa
map-kind-missing = Persona desaparecida
map-kind-living = Persona localizada con vida
map-kind-hospital = Persona hospitalizada
map-kind-detention = Persona detenida
map-kind-shelter = Persona en albergue
map-kind-remains-named = Persona fallecida con nombre por confirmar
map-kind-remains-unnamed = Persona fallecida sin identificar
map-kind-foreign-case = Expediente de otro país
map-kind-incident = Incidente
map-kind-stop = Parada de la ruta

# Estado en que se encontró
body-state-fresh = Reciente
body-state-early-decomp = Descomposición inicial
body-state-advanced-decomp = Descomposición avanzada
body-state-mummified = Momificado
body-state-adipocere = Adipocira
body-state-skeletal = Esqueletizado
body-state-burned = Calcinado
body-state-dismembered = Incompleto o separado
body-state-commingled = Mezclado

# Deseo de contacto
wants-contact-yes = Sí desea contacto
wants-contact-no = No desea contacto por ahora
wants-contact-undecided = Aún no decide
wants-contact-not-asked = No se le preguntó

# Sexo
sex-female = Mujer
sex-male = Hombre
sex-indeterminate = Indeterminado
sex-unknown = No se sabe

# Propósitos
purpose-search = Búsqueda
purpose-identification = Identificación
purpose-consular-assistance = Asistencia consular
purpose-legal-defence = Defensa legal
purpose-family-information = Información a la familia
purpose-statistics = Estadística
purpose-administration = Administración

# Categorías de datos
data-category-existence = Que existe un registro
data-category-identity = Identidad
data-category-description = Descripción y señas
data-category-circumstances = Circunstancias y ruta
data-category-health = Datos de salud
data-category-identifiers = Documentos y teléfonos
data-category-contact = Datos de la familia

# Bandas de fuerza
band-very-weak = Muy débil
band-weak = Débil
band-moderate = Moderada
band-strong = Fuerte
band-very-strong = Muy fuerte

# Comparación
outcome-agree = Coincide
outcome-partial = Coincide en parte
outcome-disagree = Difiere
outcome-explainable = Diferencia explicable
outcome-not-comparable = Sin dato que comparar

# Campos comparados
field-name = Nombre
field-birth = Nacimiento o edad
field-age = Edad
field-sex = Sexo
field-nationality = Nacionalidad
field-stature = Estatura
field-build = Complexión
field-hair = Cabello
field-eyes = Ojos
field-marks = Señas particulares
field-dental = Dentadura
field-clothing = Ropa
field-belongings = Pertenencias
field-phone = Teléfono
field-document = Documento
field-holder = Lo que dice el documento
field-dna = ADN
field-companions = Acompañantes
field-place = Lugar
field-time = Fecha
field-place-and-time = Lugar y fecha
field-prior = Punto de partida

# Motivos de una decisión
reason-dna = ADN
reason-dental = Odontología
reason-fingerprint = Huellas
reason-age = Edad
reason-sex = Sexo
reason-stature = Estatura
reason-chronology = Cronología
reason-mark = Señas particulares
reason-located-elsewhere = Localizada en otro lugar
reason-family = Información de la familia
reason-other = Otro motivo

# Alcance de una exclusión
exclusion-absolute = Absoluta
exclusion-strong = Fuerte
exclusion-provisional = Provisional

# Decisiones
verdict-support = Apoyar
verdict-needs-more = Pedir más datos
verdict-reject = Excluir

# Órdenes sobre la hipótesis
hypothesis-command-reject-at-triage = Descartar en la primera revisión
hypothesis-command-begin-review = Empezar la revisión
hypothesis-command-ask-information = Pedir información
hypothesis-command-reject = Descartar
hypothesis-command-request-verification = Pedir verificación
hypothesis-command-record-support = Anotar verificación a favor
hypothesis-command-record-exclusion = Anotar verificación excluyente
hypothesis-command-record-inconclusive = Anotar verificación no concluyente
hypothesis-command-send-to-second-review = Enviar a segunda revisión
hypothesis-command-send-to-board = Enviar al grupo multidisciplinario
hypothesis-command-return = Devolver
hypothesis-command-confirm = Confirmar
hypothesis-command-reopen = Reabrir
hypothesis-command-supersede = Sustituir por otra
hypothesis-command-withdraw = Retirar
hypothesis-command-revoke-identification = Reabrir por revocación de la identificación

# Precisión
precision-day = Día exacto
precision-month = Mes
precision-year = Año
precision-range = Rango
precision-unknown = No se sabe
place-precision-gps = Punto medido
place-precision-address = Dirección
place-precision-described = Lugar descrito
place-precision-vague = Lugar impreciso
place-precision-municipality = Municipio
place-precision-state = Estado o departamento
place-precision-country = País
certainty-confirmed = Confirmado
certainty-reported = Referido
certainty-estimated = Estimado
certainty-unknown = No se sabe

# Canales de registro
channel-office = En oficina
channel-consulate = Consulado
channel-association = Asociación
channel-phone = Teléfono
channel-whatsapp = WhatsApp
channel-sms = SMS
channel-web-form = Formulario en línea
channel-import = Importación
channel-partner = Otra institución
channel-ex-officio = De oficio

# Nivel de reserva
confidentiality-normal = Normal
confidentiality-restricted = Restringido
confidentiality-sealed = Sellado

# Clases de nombre
name-kind-legal = Nombre legal
name-kind-birth = Nombre de nacimiento
name-kind-married = Nombre de casada
name-kind-social = Nombre social
name-kind-nickname = Apodo
name-kind-alias = Otro nombre
name-kind-spelling-variant = Otra forma de escribirlo
name-kind-in-language = Nombre en otra lengua
name-kind-as-recorded = Como está escrito

# Momento de la descripción
moment-ante-mortem = Según la familia
moment-post-mortem = Según el examen
moment-living = En vida

# Dato ausente
absent-unknown = No se sabe
absent-not-asked = No se preguntó
absent-not-applicable = No aplica
absent-refused = Prefirió no decirlo

# Parentesco
kin-mother = Madre
kin-father = Padre
kin-daughter = Hija
kin-son = Hijo
kin-sister = Hermana
kin-brother = Hermano
kin-wife = Esposa
kin-husband = Esposo
kin-partner = Pareja
kin-grandmother = Abuela
kin-grandfather = Abuelo
kin-aunt = Tía
kin-uncle = Tío
kin-cousin = Prima o primo
kin-other-family = Otro familiar
kin-other-nonfamily = Otra persona cercana

# Plazos
sla-on-time = En plazo
sla-at-risk = Por vencer
sla-overdue = Vencido

# Trabajos
job-state-queued = En espera
job-state-running = En curso
job-state-done = Terminado
job-state-failed = Falló
job-state-cancelled = Cancelado

# Países (ISO 3166-1 alfa-3)
country-AGO = Angola
country-ARG = Argentina
country-BGD = Bangladés
country-BLZ = Belice
country-BOL = Bolivia
country-BRA = Brasil
country-CAN = Canadá
country-CHL = Chile
country-CHN = China
country-CMR = Camerún
country-COD = República Democrática del Congo
country-COG = Congo
country-COL = Colombia
country-CRI = Costa Rica
country-CUB = Cuba
country-DOM = República Dominicana
country-DZA = Argelia
country-ECU = Ecuador
country-ERI = Eritrea
country-ESH = Sáhara Occidental
country-ESP = España
country-ETH = Etiopía
country-FRA = Francia
country-GHA = Ghana
country-GIN = Guinea
country-GMB = Gambia
country-GTM = Guatemala
country-GUY = Guyana
country-HND = Honduras
country-HTI = Haití
country-IND = India
country-ITA = Italia
country-JAM = Jamaica
country-LBY = Libia
country-MAR = Marruecos
country-MEX = México
country-MLI = Malí
country-MRT = Mauritania
country-NER = Níger
country-NGA = Nigeria
country-NIC = Nicaragua
country-NPL = Nepal
country-PAK = Pakistán
country-PAN = Panamá
country-PER = Perú
country-PRI = Puerto Rico
country-PRY = Paraguay
country-SEN = Senegal
country-SLV = El Salvador
country-SOM = Somalia
country-SUR = Surinam
country-SYR = Siria
country-TUN = Túnez
country-TUR = Turquía
country-URY = Uruguay
country-USA = Estados Unidos
country-VEN = Venezuela
country-unknown = No se sabe
