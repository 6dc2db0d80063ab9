# Cola y revisión de hipótesis.

queue-intro = Ordenadas por lo que los datos dicen. El orden sirve para trabajar; no identifica a nadie.
queue-band = Fuerza
queue-state = Estado
queue-open = Todas las abiertas
queue-only-case = Solo las de la búsqueda { $folio }
queue-only-found = Solo las del registro { $folio }
queue-all = Ver todas
queue-speaks-for = A favor
queue-speaks-against = En contra
queue-no-detail = Un lado está reservado; el detalle se ve en la página de revisión.
queue-mine-given = Usted ya opinó
queue-mine-waiting = Falta su opinión
queue-waiting = Puede faltar su opinión
queue-since = Desde
queue-next-page = Siguientes
queue-first-page = Volver al inicio
queue-count-band = { $n ->
    [one] { $n } abierta
   *[other] { $n } abiertas
}
queue-shown = { $n ->
    [0] Ninguna hipótesis
    [one] { $n } hipótesis en esta página
   *[other] { $n } hipótesis en esta página
}
queue-updated = La cola está al día.
band-text-very-strong = Mírelas primero
band-text-strong = Mucho habla a favor
band-text-moderate = Vale la pena mirarlas
band-text-weak = Poco habla a favor
band-text-very-weak = Casi nada habla a favor

review-back = Volver a la cola
review-not-identification-text = Dos registros se parecen. Solo el dictamen de personas de dos instituciones y el grupo multidisciplinario pueden confirmar algo, y a la familia se le dice en persona.
review-compare = Dato por dato
review-field = Dato
review-reserved = Reservado
review-reserved-text = Lo que la otra institución no comparte se muestra como «Reservado». Su peso sí cuenta en el total.
review-unknown = No se sabe
review-side-hidden = No puede ver este lado.
review-linked = { $this } está vinculado con { $other }
review-linked-text = Vínculos entre registros de la misma persona; entre ellos no compiten:
review-open-case = Abrir el expediente
review-open-found = Abrir el registro
review-place-when = { $place }, { $when }
review-age-range = { $min } a { $max } años
review-age-one = { $min } años
review-born = Nació: { $when }
review-stature-range = { $min } a { $max } cm
review-stature-one = { $min } cm
review-map = Dónde
review-map-case = Último contacto
review-map-found = Hallazgo o ingreso
review-map-near = Las posiciones pueden estar redondeadas.
evidence-heading = Lo que pesa cada dato
evidence-text = Cada barra es el peso de un dato en decibanes: diez equivalen a diez veces más probable. A la derecha apoya; a la izquierda, con rayas, resta.
evidence-prior = Punto de partida
evidence-total = Total
evidence-reserved = Datos reservados
evidence-sentence-plus = Lo que más suma: { $list }.
evidence-sentence-minus = Resta: { $list }.
evidence-relative = De cien parejas como esta, en unas { $share } puede tratarse de dos familiares que iban por el mismo camino.
evidence-sentence-none = Ningún dato suma ni resta de forma notable.
evidence-coverage = Se pudo comparar el { $percent } % de los datos.
evidence-model = Modelo de comparación: { $model }
evidence-earlier = Pesos anteriores
evidence-earlier-score = { $decibans } dB con el modelo { $model } ({ $band }), hasta { $at }
evidence-as-table = Ver como tabla
evidence-column = Dato
evidence-weight = Decibanes
evidence-chart = Gráfica del peso de cada dato
evidence-level = Comparación

review-decide = Su dictamen
review-rule-of-two = Hacen falta dos personas de dos instituciones. Cada una opina sin ver lo que dijo la otra.
review-alone = Solo su institución ve este par. Para decidirlo hace falta que otra lo vea: un acuerdo o un consentimiento que lo permita. Mientras tanto puede descartarlo a primera vista o pedir información.
review-given = { $n ->
    [0] En esta vuelta nadie ha opinado todavía.
    [one] En esta vuelta hay una opinión. No se muestra hasta que usted dé la suya y se decida.
   *[other] En esta vuelta hay { $n } opiniones.
}
review-mine-given = Usted ya dio su dictamen en esta vuelta. Falta el de una persona de otra institución.
review-ours-given = Su institución ya dio su dictamen en esta vuelta. El otro tiene que venir de otra institución.
review-no-right = Puede leer esta hipótesis. Para opinar hace falta la función de revisión.
review-no-verdicts-now = En el estado actual no se reciben dictámenes.
review-verdict = ¿Qué dicen los datos?
review-verdict-support = Apoyan la hipótesis
review-verdict-support-hint = Con lo que hay, pueden ser la misma persona.
review-verdict-needs-more = Hace falta más para opinar
review-verdict-needs-more-hint = Diga qué dato o prueba falta.
review-verdict-reject = Hablan en contra
review-verdict-reject-hint = Diga hasta dónde llega la exclusión.
review-reasons = ¿En qué se apoya? Marque lo que corresponda
review-note = Explicación
review-note-hint = Para quien lo lea después. No repita nombres ni teléfonos.
review-strength = Si excluye: ¿hasta dónde?
review-strength-absolute = Para siempre
review-strength-absolute-hint = Por ejemplo, una prueba genética excluyente.
review-strength-strong = Hasta que cambien los datos
review-strength-provisional = Hasta que cambien los datos, con reserva
review-conflict-legend = Conflicto de interés
review-conflict = Tengo un conflicto de interés
review-conflict-hint = Si lo tiene, debe opinar otra persona de su institución.
review-send = Dar mi dictamen
flash-verdict-given = Su dictamen quedó guardado.
flash-hypothesis-moved = La hipótesis cambió de estado.
flash-hypothesis-confirmed = La hipótesis quedó confirmada. La familia no recibe ningún aviso del sistema.
review-board = Grupo multidisciplinario
review-board-text = Dos personas de dos instituciones apoyan la hipótesis. Confirmar no avisa a la familia ni cambia lo que ve: eso solo lo mueve la notificación en persona.
review-board-reason = En qué se basa la confirmación
review-board-confirm = Confirmar la hipótesis
review-other-moves = Otros pasos
review-move = Paso
review-move-reason = Por qué
review-move-basis = En qué se apoya, si excluye
review-move-send = Dar este paso
review-move-none = No hay otros pasos en este estado.
review-history = Historia
review-history-own = Muestra lo que hizo su institución y los dictámenes que usted puede ver.
review-history-proposed = Propuesta por la comparación automática
review-history-proposed-person = Propuesta por una persona
review-history-verdict = { $who }: { $verdict }
review-you = Usted
review-other-institution = Otra institución
review-stale = Otra persona cambió esta hipótesis mientras usted escribía. Lea lo nuevo; lo que escribió está aquí.
review-same-person = Usted ya dio su dictamen en esta vuelta; el otro debe darlo otra persona.
review-same-institution = Su institución ya dio su dictamen en esta vuelta; el otro debe venir de otra institución.
review-illegal = Ese paso no es posible en el estado actual. Lea el estado y elija otro.
review-refused = Ese paso no se hace a mano: sigue de los dictámenes de dos instituciones, de los permisos o del motor
review-rival = Otra hipótesis abierta de la misma persona o registro es igual de fuerte. Decídala primero.
review-error-verdict = Elija qué dicen los datos
review-error-reasons = Marque al menos un motivo
review-error-note = Escriba en qué se apoya
review-error-strength = Diga hasta dónde llega la exclusión
review-error-conflict = Con un conflicto de interés debe opinar otra persona de su institución
review-error-move = Elija un paso
review-error-reason = Escriba por qué
review-error-basis = Diga en qué se apoya

review-action-read = Consulta
review-action-verdict = Dictamen
review-action-command = Cambio de estado
review-action-other = Registro

field-place-time = Lugar y fecha
field-residence = Domicilio o comunidad
field-dependence = Corrección por datos que fallan juntos
field-relative = Corrección por posibles familiares
field-medical = Datos médicos
field-reserved = Datos reservados
level-reserved = Reservado por la institución que lo guarda.
level-belongings-distinctive = Comparten una pertenencia poco común
level-belongings-shared = Comparten pertenencias
level-belongings-none-shared = Ninguna pertenencia en común
level-birth-edge = La edad queda cerca del rango
level-birth-inside = La edad cae dentro del rango
level-birth-near = Fechas muy cercanas
level-birth-same-year = Mismo año
level-birth-swapped = Día y mes parecen cambiados
level-build-similar = Complexión parecida
level-clothing-distinctive = Comparten una prenda poco común
level-clothing-shared = Comparten prendas
level-clothing-none-shared = Ninguna prenda en común; la ropa cambia
level-companions-shared = Comparten acompañantes
level-companions-none-shared = Ningún acompañante en común
level-dental-distinctive = Comparten un rasgo dental poco común
level-dental-shared = Comparten rasgos dentales
level-dental-none-shared = Ningún rasgo dental en común
level-document-near = Difieren en una cifra
level-holder-fits = Lo que el número del documento dice de su titular concuerda
level-holder-differs = Lo que el número del documento dice de su titular no concuerda; puede ser de otra persona
level-dna-supports = El ADN lo apoya
level-dna-does-not-support = El ADN no lo apoya
level-dna-inconclusive = El ADN no lo decide
level-dna-withdrawn = Se retiró aquello en que se apoyaba el ADN
level-eyes-similar = Color parecido
level-hair-similar = Color parecido
level-marks-distinctive = Comparten una seña poco común
level-marks-shared = Comparten señas
level-marks-none-shared = Ninguna seña en común
level-name-conflict = Los nombres no concuerdan
level-name-partial = Coincide una parte del nombre
level-name-sound = Suenan igual
level-name-variant = Variante de escritura
level-name-weak = Parecido débil
level-nationality-known-confusion = Nacionalidades que suelen confundirse
level-phone-common = Número que aparece en varios registros
level-phone-near = Difieren en una cifra
level-stature-close = Casi la misma estatura
level-stature-near = Estatura cercana
level-residence-shared = Coinciden partes del domicilio
level-residence-partial = Coincide una parte del domicilio
level-residence-disagree = Domicilios distintos; la gente se muda
level-place-time-fits-well = Lugar y fecha encajan muy bien con la ruta
level-place-time-fits = Lugar y fecha encajan con la ruta
level-place-time-neutral = Lugar y fecha no dicen mucho
level-place-time-unlikely = Lugar o fecha poco usuales, pero posibles
level-place-time-before-last-contact = La fecha es anterior a la última señal de vida: se contradicen
level-place-time-downstream = Río abajo del último contacto: el agua pudo haber llevado hasta ahí
level-place-time-returned = Lugar adonde se devuelve a personas: el viaje pudo haberse interrumpido
level-place-time-against-the-way = En sentido contrario a las rutas: poco usual, pero hay quien regresa
level-dependence-err-together = Los datos de un mismo registro suelen fallar juntos; su suma se corrige
level-relative-as-likely = Parte de lo que coincide coincidiría también con un familiar que fuera por el mismo camino

frequency-rare = Por azar concuerda así 1 de cada { $n }
frequency-near-rare = Igual de cerca queda 1 de cada { $n } hallazgos
frequency-near-common = Igual de cerca quedan { $n } de cada 100 hallazgos
frequency-common = Por azar concuerdan así { $n } de cada 100

explain-odds = Probabilidad { $probability } pesando solo este par ({ $band }; modelo { $model }). Ordena el trabajo; no identifica a nadie.
explain-missing-left = Falta: { $field }. El primer registro no lo dice; cuando ambos dicen lo mismo aporta { $decibans } dB en promedio.
explain-missing-right = Falta: { $field }. El segundo registro no lo dice; cuando ambos dicen lo mismo aporta { $decibans } dB en promedio.
explain-missing-both = Falta: { $field }. Ninguno lo dice; cuando ambos dicen lo mismo aporta { $decibans } dB en promedio.
explain-information = { $id } puede aportar como máximo { $decibans } dB con lo registrado.
explain-standing = Entre { $of } candidatos del primero, pesando todos los pares, este ocupa el lugar { $place }.

lacking-heading = Lo que falta para comparar
lacking-hint = Lo que falta en la búsqueda lo puede decir la familia; lo que falta en el hallazgo, quien lo tiene a su cargo o el laboratorio. Que falte un dato no cuenta a favor ni en contra.
lacking-see = Ver lo que falta
lacking-who = Dónde falta
lacking-told = Lo que dice el otro lado
lacking-worth = Podría aportar
lacking-decibans = { $n } dB
lacking-case = En la búsqueda
lacking-found-record = En el hallazgo
lacking-both = En los dos
lacking-count = { $n ->
    [one] Falta { $n } dato.
   *[other] Faltan { $n } datos.
}
lacking-sentence = { $n ->
    [one] Falta { $n } dato que ayudaría: { $list }.
   *[other] Faltan { $n } datos. Los que más ayudarían: { $list }.
}

why-heading = ¿Por qué sí, por qué no?
why-summary = ¿Por qué no aparece un registro?
why-intro = Compare una búsqueda con un hallazgo, haya o no una hipótesis. Una de las dos partes tiene que ser de su institución.
why-case = Folio de la búsqueda
why-found = Folio del hallazgo
why-ask = Ver la comparación
why-stands = Qué lugar ocupa
why-among-found = Para esta búsqueda es el número { $place } de { $of } hallazgos que su institución puede ver.
why-among-cases = Para este hallazgo es el número { $place } de { $of } búsquedas que su institución puede ver.
why-reserved = Hay datos que un lado reserva. Mientras no haya una hipótesis no se cuentan aquí, y no se dice qué lugar ocupa el par.
why-outlook-among-strongest = Está entre los pares más fuertes: se propone como hipótesis, salvo que se haya excluido.
why-outlook-beyond-strongest = No se propone como hipótesis: hay pares más fuertes para los dos registros.
why-outlook-below-floor = No se propone como hipótesis: lo que se sabe pesa demasiado poco.
why-not-left-out = La búsqueda de candidatos no lo dejó fuera: aquí se pesan todos los pares.
why-left-out = La búsqueda de candidatos se detuvo antes de llegar a este par. Avise a quien administra el sistema.
why-not-compared = Estos dos registros no se comparan ahora: no lo permite el estado de uno, un permiso o un acuerdo.
why-excluded = Excluido el { $day } por { $authority } ({ $what }).
why-reopened = Se volvió a abrir el { $day } porque cambiaron los datos.
why-no-exclusion = No hay una exclusión registrada que usted pueda ver.
why-hypothesis = Abrir la hipótesis de este par ({ $state })
why-error-empty = Escriba el folio
why-error-unseen = No hay un par con esos folios que su institución pueda comparar. Revise los folios; uno de los dos registros tiene que ser de su institución.

information-heading = Cuánto puede decir la comparación
information-total = Con lo registrado, la comparación puede aportar hasta { $n } decibanes.
information-band = Un registro que dijera exactamente lo mismo daría una hipótesis { $band }.
information-help = Lo que más ayudaría saber: { $list }.
information-hint = Diez decibanes equivalen a diez veces más probable. La parte clara de la barra es lo que se podría añadir.
information-when = Calculado el { $day }.
information-by-field = Ver dato por dato
information-worth = Aporta hasta
information-told = Registrado
information-missing = Falta; es lo que suele aportar

evidence-weight-short = Peso (dB)
model-id = Modelo { $id }
model-expected = Punto de partida: por cada 10 casos se esperan unos { $tenths } registros de la misma persona aquí.
model-errors = Lo que el modelo supone de los datos de una misma persona:
model-false-name = { $percent } de cada 100 veces se dio un nombre ajeno
model-birth-equal = { $percent } de cada 100 fechas de nacimiento completas coinciden
model-sex-error = { $percent } de cada 100 veces el sexo está mal anotado
model-misdeclared = { $percent } de cada 100 veces se declaró otra nacionalidad
model-wrong-date = { $percent } de cada 100 fechas del hecho son erróneas
model-interval-holds = { $percent } de cada 100 intervalos post mortem contienen la fecha real
model-kinds = Por tipo de registro, cuánto más probable que un registro cualquiera es que su caso esté aquí, y qué parte de la suma de los datos cuenta:
model-kind = { $times } veces; cuenta el { $percent } %
model-levels = Lo que se suma o resta, en decibanes, cuando un dato termina así comparado:

# Lo que vale una pareja junto a sus rivales.
together-heading = Junto a sus rivales
together-text = Un registro es de una persona a lo sumo, y una persona no puede ser dos cuerpos: lo que vale otra pareja se le quita a esta.
together-pair = De cien parejas como esta, { $alone } son la misma persona; junto a sus rivales, { $together }.
together-none-record = Que el registro no sea de ninguna de estas personas buscadas: { $share } de cien.
together-none-case = Que ninguno de estos restos sea la persona buscada: { $share } de cien.
together-under-one = menos de 1
together-over-99 = más de 99
together-rivals = Parejas que no pueden ser ciertas a la vez que esta
together-wants-case = también quiere a la persona buscada ({ $state }): { $share } de cien
together-wants-found-record = también quiere el registro ({ $state }): { $share } de cien
together-more = { $n ->
    [one] Una pareja más, menos probable que estas.
   *[other] { $n } parejas más, menos probables que estas.
}
together-seen = Solo cuentan las parejas que su institución puede ver. Los registros enlazados no compiten.
