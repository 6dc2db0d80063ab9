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

# La mesa del banco
bank-heading = Banco forense
bank-intro = Muestras, quién las dio y quién las tiene.
bank-new-donor = Registrar a una persona donante
bank-new-sample = Registrar una muestra
bank-counts = Cuántas hay
bank-coming = Vienen hacia acá
bank-coming-hint = El código completo se lee en la etiqueta al recibirla.
bank-coming-none = Nada viene en camino.
bank-going = Van hacia otra institución
bank-going-none = Nada va en camino.
bank-since = Entregada el { $when }.
bank-due = Se espera el { $when }
bank-in-time = En plazo
bank-late = Atrasada: llame a la otra institución
bank-samples = Muestras
bank-search = Cualquier número de la muestra
bank-all = Todos
bank-none = Todavía no hay muestras
bank-none-hint = De un familiar: registre primero a la persona donante con su consentimiento. De restos: abra el hallazgo o registre la muestra aquí.
bank-none-filtered = Ninguna muestra con esos datos
bank-none-filtered-hint = Quite un filtro, o escriba otro de sus números: el del laboratorio, el del kit o el anterior.
bank-shown = { $n ->
    [0] Ninguna muestra
    [one] { $n } muestra en esta página
   *[other] { $n } muestras en esta página
}
bank-col-code = Código
bank-col-of = De quién es
bank-col-taken = Tomada
bank-material = Material
bank-open = Abrir

# Donantes y su consentimiento
bank-family = Donantes y muestras de la familia
bank-family-of = Donantes y muestras, { $folio }
bank-family-text = Familiares que dieron o pueden dar una muestra, y cosas de la persona.
bank-family-open = Ver donantes y muestras
bank-family-no-samples = Todavía no hay muestras de esta familia
bank-family-no-samples-hint = Las de un familiar se registran desde su página, con su consentimiento.
bank-donors = Donantes
bank-donors-none = Todavía no hay donantes
bank-donors-none-hint = Nadie tiene que dar una muestra. Si alguien quiere, regístrelo con su consentimiento.
bank-donor = Donante
bank-donor-intro = Dar una muestra es voluntario, sirve solo para buscar y se puede retirar. La búsqueda sigue con o sin ella.
bank-donor-save = Registrar a la persona donante
bank-donor-no-samples = Todavía no hay muestras de esta persona
bank-donor-no-samples-hint = Con un consentimiento que incluya a su institución se puede registrar una.
bank-samples-of-donor = Sus muestras
bank-case = Caso
bank-case-folio = Folio del caso
bank-relation = Qué es de la persona que se busca
bank-relation-hint = Por ejemplo: su madre, su hermano.
bank-name = Nombre
bank-name-hint = Solo su institución lo ve. En la muestra va un código.
bank-name-elsewhere = El nombre y el consentimiento están en la institución que registró a esta persona.
bank-sex = Sexo
bank-sex-hint = Para el árbol de la familia. Puede quedar en blanco.
bank-consent = Consentimiento
bank-consent-text = Explíquelo en el idioma de la persona, sin prisa. Sin consentimiento queda registrada y no se toma ni guarda nada.
bank-consent-institutions = Quién puede guardar la muestra y buscar con ella
bank-consent-institutions-hint = Lo decide la persona. Lo que no se marca no la recibe.
bank-consent-language = Idioma en que se explicó
bank-consent-explained = Quién lo explicó
bank-consent-giver = Quién lo da
consent-giver-donor = La persona donante
consent-giver-guardian = Quien la representa
bank-consent-version = Versión del formato firmado
bank-consent-version-hint = Está al pie de la hoja.
bank-consent-last = Vale hasta
bank-consent-last-hint = En blanco: hasta que lo retire.
bank-consent-told = Se explicó en { $language }; explicó: { $who }.
bank-consent-given = Lo dio: { $who }. Formato { $version }.
bank-consent-until = Vale hasta el { $when }.
bank-consent-ended = Terminó el { $when }.
bank-consent-none = No hay consentimiento anotado.
bank-covered = El consentimiento incluye a su institución
bank-not-covered = Sin consentimiento para su institución
bank-not-covered-text = Hasta que lo haya, aquí no se registra, lee ni busca ninguna muestra de esta persona.
flash-bank-donor = La persona donante quedó registrada, con su consentimiento.
flash-bank-donor-no-consent = La persona donante quedó registrada. Falta su consentimiento para tomar una muestra.
bank-error-relation = Elija qué es de la persona que se busca
bank-error-name = Escriba el nombre
bank-error-case = No hay un caso con ese folio que usted pueda ver
bank-error-institutions = Marque al menos una clase de institución
bank-error-past = Esa fecha ya pasó

# Retirar el consentimiento
bank-withdraw-heading = Retirar el consentimiento
bank-withdraw-text = La persona puede retirarlo cuando quiera, sin dar motivos. Esto pasa en cuanto usted lo confirme:
bank-withdraw-search = Sus perfiles salen de toda búsqueda, en todas las instituciones.
bank-withdraw-weight = Lo que se apoyaba en ellos deja de contar.
bank-withdraw-recall = Quien tenga una muestra recibe el aviso de terminar y destruirla ante testigo.
bank-withdraw-case = La búsqueda de su familiar sigue.
bank-withdraw-again = Si más tarde quiere dar otra muestra, se anota un nuevo consentimiento.
bank-withdraw-reason = En palabras de la persona
bank-withdraw-reason-hint = Puede quedar en blanco.
bank-withdraw-sure = La persona lo pidió y entiende lo que sigue
bank-withdraw-send = Retirar el consentimiento
bank-withdraw-keep = Volver sin cambiar nada
bank-error-sure = Confirme que la persona lo pidió
flash-bank-withdrawn = El consentimiento quedó retirado. La búsqueda con sus muestras terminó.

# Registrar una muestra
bank-section-of = De quién es
bank-section-what = Qué es
bank-section-taken = Cómo se tomó
bank-new-own = Registrar algo de la persona
bank-new-part = Registrar una parte de esta muestra
bank-part-of = Parte de
bank-source = Viene de
bank-number-of = Código de donante, o folio del caso o del hallazgo
bank-number-of-hint = Para muestras de familiares, de la persona o de restos.
bank-staff = Persona del personal
bank-staff-hint = Solo para muestras del personal, que evitan confundir una contaminación.
bank-amount = Cantidad
bank-amount-hint = Por ejemplo: dos hisopos, 3 g.
bank-preservation = Conservación
bank-preservation-hint = Por ejemplo: tarjeta FTA, a -20 °C.
bank-kit-lot = Lote del kit
bank-taken-on = Día en que se tomó
bank-taken-on-hint = En blanco: está planeada y no se puede sellar ni entregar.
bank-taken-by = Quién la tomó
bank-taken-where = Dónde se tomó
bank-note = Nota
bank-numbers = Números que tiene en otra parte
bank-numbers-hint = Laboratorio, expediente, kit. Con cualquiera se encuentra después.
bank-scheme = De quién es el número
bank-value = Número
bank-sample-save = Registrar la muestra
flash-bank-sample = La muestra quedó registrada. Imprima su etiqueta.
bank-error-source = Elija de quién es la muestra
bank-error-number = No hay nadie con ese código o folio que usted pueda ver
bank-error-staff = Elija a la persona
bank-error-material = Elija qué se tomó
bank-error-pair = Escriba de quién es el número y el número
bank-error-no-consent = Falta el consentimiento de la persona donante para su institución
bank-error-living = De una persona con vida se toma con su propio consentimiento, como donante
bank-to-donor = Anotar su consentimiento

# Una muestra
bank-data = Datos
bank-owner = De la institución
bank-found = Hallazgo
bank-found-samples = Ver sus muestras
bank-parent = Se tomó de
bank-parts = Partes
bank-parts-none = No se tomó ninguna parte.
bank-own-number = Código propio
bank-numbers-all = Todos sus números
bank-number-add = Agregar un número
bank-number-save = Agregar
flash-bank-number = El número quedó agregado.
bank-label = Etiqueta
bank-label-how = Imprima desde el menú del navegador, en etiquetas de 100 × 50 mm.
bank-label-qr = Código QR con el código de la muestra
bank-label-bars = Código de barras con el código de la muestra
bank-held = La tiene { $who }
bank-held-at = La tiene { $who }, en { $place }
bank-on-its-way = En camino a { $to }

# La custodia
bank-custody = Cadena de custodia
bank-line = Renglón
bank-from = De
bank-to = A
bank-condition = Cómo llegó
bank-condition-notes = Estado y notas
bank-hash = Huella
bank-broken = Aquí se rompe
bank-gap = Falta el renglón { $n }
bank-place = Lugar
bank-temperature = Temperatura
bank-discrepancy = Qué no estaba bien
bank-reason = Motivo
bank-witness = Testigo
bank-due-by = Se espera
bank-sent = Entregada
bank-check-holds = { $n ->
    [one] Integridad verificada: { $n } renglón
   *[other] Integridad verificada: { $n } renglones
}
bank-check-missing = Integridad rota: falta el renglón { $n }
bank-check-changed = Integridad rota: el renglón { $n } no es lo que se escribió
bank-check-order = Integridad rota: el renglón { $n } no sigue al anterior
bank-check-witness = Integridad rota: la bitácora conoce otro renglón { $n }
bank-check-unwitnessed = Integridad rota: la bitácora no conoce el renglón { $n }
bank-check-hint = Cada renglón lleva la huella del anterior, y la bitácora conoce todas. Nada se borra: un hueco se queda como hueco.
bank-check-elsewhere = La comprueba la institución dueña
bank-check-elsewhere-hint = La bitácora completa está en la institución dueña de la muestra.
bank-moves = Anotar en la custodia
bank-moves-hint = Lo que se anota queda con su nombre y la hora. No se puede cambiar.
bank-do-sealed = Sellar
bank-do-handed-over = Entregar a otra institución
bank-do-stored = Guardar en un lugar
bank-do-opened = Abrir para trabajar
bank-do-discrepancy-resolved = Aclarar la diferencia
bank-do-consumed = Anotar que se agotó
bank-do-search-stopped = Anotar que toda búsqueda terminó
bank-do-destroyed = Anotar la destrucción
bank-handed-over-hint = Queda en camino hasta que la otra institución diga que llegó.
bank-search-stopped-hint = El consentimiento fue retirado. Anótelo cuando nadie trabaje ya con ella.
bank-destroyed-hint = Dos personas: usted y quien fue testigo. No hay vuelta atrás.
bank-consumed-hint = Ya no queda material. No hay vuelta atrás.
bank-field-seal = Sello
bank-field-to = A qué institución
bank-field-to-name = A quién, o quién la lleva
bank-field-due = Día en que debe llegar
bank-handed-over-due-hint = En blanco: en el plazo usual.
bank-handed-over-seal-hint = Con el que sale. Quien recibe escribe el que ve, y si es otro se avisa.
bank-field-location = Lugar
bank-stored-location-hint = Por ejemplo: cámara 2, estante B, caja 14.
bank-field-temperature = Temperatura
bank-field-reason = Motivo
bank-discrepancy-resolved-reason-hint = Qué pasó y qué documento lo muestra.
bank-field-witness = Quién fue testigo
bank-error-to = Elija a qué institución se entrega
bank-error-seal = Escriba el número del sello
bank-error-location = Escriba dónde queda
bank-error-witness = Escriba quién fue testigo
bank-error-reason = Escriba cómo se aclaró
bank-error-same = Dentro de su institución no se entrega: se guarda en otro lugar
bank-stale = Otra persona anotó algo mientras usted escribía. Lea los renglones nuevos; lo que escribió está aquí.
bank-illegal = Eso no es posible en el estado actual de la muestra
bank-elsewhere = La tiene otra institución: lo que pasa allá lo anota ella
flash-bank-written = Quedó anotado en la custodia.

# Recibir una muestra
bank-reception = Recibir una muestra
bank-as-sent = Lo que se envió
bank-as-sent-hint = El sello con que salió no se muestra: escriba el que usted ve.
bank-code-scan = Código de la etiqueta
bank-code-scan-hint = Escanéelo o escríbalo completo.
bank-seal-seen = Sello que trae
bank-seal-seen-hint = En blanco si no trae.
bank-discrepancy-hint = En blanco si todo está bien.
bank-receive = Anotar que llegó
bank-error-code = Escanee o escriba el código de la etiqueta
bank-error-condition = Elija cómo llegó
bank-error-other-sample = No es el código de la muestra que se entregó. Mire la etiqueta otra vez.
flash-bank-received = La muestra quedó recibida.
flash-bank-discrepancy = La muestra quedó recibida, con una diferencia que falta aclarar.
deed-register-donor = Registró a una persona donante
deed-custody = Anotó en la custodia
