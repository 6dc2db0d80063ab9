# El banco forense: muestras, custodia, perfiles, familias.

nav-bank = Banco
error-no-bank-title = Este nodo no guarda perfiles
error-no-bank-text = Quien lo opera no puso una clave para sellarlos. Llame a esa persona.

# De quién es una muestra
sample-source-relative = Familiar
sample-source-direct-reference = De la persona desaparecida
sample-source-remains = Restos
sample-source-staff = Personal

# Qué es quien dona de la persona desaparecida
donor-relation-mother = Madre
donor-relation-father = Padre
donor-relation-child = Hija o hijo
donor-relation-full-sibling = Hermana o hermano
donor-relation-half-sibling = Media hermana o medio hermano
donor-relation-grandparent = Abuela o abuelo
donor-relation-grandchild = Nieta o nieto
donor-relation-uncle-or-aunt = Tía o tío
donor-relation-nephew-or-niece = Sobrina o sobrino
donor-relation-cousin = Prima o primo
donor-relation-spouse = Esposa, esposo o pareja
donor-relation-other = Otro

# Qué se tomó
material-blood = Sangre
material-saliva = Saliva
material-hair = Cabello
material-bone = Hueso
material-tooth = Diente
material-muscle = Músculo
material-cartilage = Cartílago
material-nail = Uña
material-personal-object = Objeto personal
material-medical-specimen = Guardada por un hospital
material-extract = Extracto
material-other = Otro

# Cómo está una muestra
sample-state-planned = Planeada
sample-state-consented = Con consentimiento
sample-state-collected = Tomada
sample-state-sealed = Sellada
sample-state-in-transit = En camino
sample-state-received = Recibida
sample-state-discrepancy = No llegó como se envió
sample-state-rejected-at-reception = No aceptada
sample-state-stored = Guardada
sample-state-extraction = En extracción
sample-state-typed = Tipificada
sample-state-failed = No se pudo leer nada
sample-state-low-template = Muy poco ADN
sample-state-mixture = Mezcla
sample-state-contaminated = Contaminada
sample-state-resample-recommended = Tomar otra muestra
sample-state-profile-reviewed = Perfil revisado
sample-state-banked = En el banco
sample-state-exhausted = Agotada
sample-state-consent-withdrawn = Consentimiento retirado
sample-state-search-stopped = Búsqueda terminada
sample-state-destroyed = Destruida

# Pasos de una muestra
sample-command-collect = Anotar que se tomó
sample-command-seal = Sellar
sample-command-hand-over = Entregar
sample-command-receive = Recibir
sample-command-report-discrepancy = Avisar de una diferencia
sample-command-resolve-discrepancy = Aclarar la diferencia
sample-command-reject-at-reception = No aceptar
sample-command-store = Guardar
sample-command-begin-extraction = Abrir para el laboratorio
sample-command-type = Tipificar
sample-command-fail = Anotar que no se pudo leer
sample-command-find-low-template = Anotar muy poco ADN
sample-command-find-mixture = Anotar una mezcla
sample-command-find-contamination = Anotar contaminación
sample-command-recommend-resample = Pedir otra muestra
sample-command-review-profile = Revisar el perfil
sample-command-bank = Llevar al banco
sample-command-exhaust = Anotar que se agotó
sample-command-withdraw-consent = Retirar el consentimiento
sample-command-stop-search = Terminar la búsqueda
sample-command-destroy = Destruir

# Renglones de la custodia
custody-registered = Registrada
custody-sealed = Sellada
custody-handed-over = Entregada
custody-received = Recibida
custody-discrepancy-resolved = Diferencia aclarada
custody-stored = Guardada
custody-opened = Abierta para trabajar
custody-consumed = Agotada
custody-search-stopped = Búsqueda terminada
custody-destroyed = Destruida

# Cómo llegó
condition-intact = Intacta
condition-opened = Sello abierto
condition-damaged = Dañada
condition-wet = Mojada
condition-warm = Demasiado caliente
condition-wrong-label = Otra etiqueta
condition-missing = No estaba

# Cómo está un árbol
pedigree-state-draft = Borrador
pedigree-state-validated = En búsqueda
pedigree-state-closed = Cerrado
