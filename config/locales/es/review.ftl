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
band-text-very-strong = Muy fuerte: mírelas primero
band-text-strong = Fuerte: mucho habla a favor
band-text-moderate = Moderada: vale la pena mirarlas
band-text-weak = Débil: poco habla a favor
band-text-very-weak = Muy débil: casi nada habla a favor

review-back = Volver a la cola
review-not-identification-text = Dos registros se parecen. Solo el dictamen de personas de dos instituciones y el grupo multidisciplinario pueden confirmar algo, y a la familia se le dice en persona.
review-compare = Dato por dato
review-field = Dato
review-reserved = Reservado
review-reserved-text = Lo que la otra institución no comparte se muestra como «Reservado». Su peso sí cuenta en el total.
review-unknown = No se sabe
review-side-hidden = No puede ver este lado.
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
evidence-sentence-none = Ningún dato suma ni resta de forma notable.
evidence-coverage = Se pudo comparar el { $percent } % de los datos.
evidence-model = Modelo de comparación: { $model }
evidence-as-table = Ver como tabla
evidence-column = Dato
evidence-weight = Decibanes
evidence-chart = Gráfica del peso de cada dato
evidence-level = Comparación

review-decide = Su dictamen
review-rule-of-two = Hacen falta dos personas de dos instituciones. Cada una opina sin ver lo que dijo la otra.
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
field-medical = Datos médicos
field-reserved = Datos reservados
level-generic-agree = Los datos coinciden.
level-generic-partial = Los datos coinciden en parte.
level-generic-explainable = La diferencia tiene explicación posible.
level-generic-disagree = Los datos difieren.
level-generic-not-comparable = Falta el dato en uno de los lados.
level-reserved = Reservado por la institución que lo guarda.
