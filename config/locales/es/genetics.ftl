# Las páginas de genetistas: perfiles, familias y sus árboles, resultados de parentesco, búsquedas del banco.

genetics-pages = Páginas de genética
genetics-who-sees = Solo quienes trabajan en genética en esta institución ven esta página. Cada consulta queda anotada.

# El perfil de una muestra
genetics-profile = Perfil genético
genetics-sample = Muestra
genetics-back-to-sample = Muestra { $code }
genetics-standing = Cómo está el perfil
genetics-profile-code = Perfil
genetics-no-reading = Todavía no hay ninguna lectura de esta muestra.
genetics-loci-agreed = { $n ->
    [one] Dos lecturas coinciden en { $n } locus autosómico
   *[other] Dos lecturas coinciden en { $n } loci autosómicos
}
genetics-loci-differing = Las lecturas difieren en: { $loci }
genetics-loci-once = Leídos una sola vez: { $loci }
genetics-look-again = Mirar dos veces
genetics-held-back = { $n ->
    [one] Hay una lectura de otra persona.
   *[other] Hay { $n } lecturas de otras personas.
}
genetics-held-back-why = No se muestra hasta que usted ingrese la suya: la segunda lectura se hace sin conocer la primera.
profile-state-draft = Una lectura
profile-state-discordant = Las lecturas difieren
profile-state-concordant = Dos lecturas coinciden
profile-state-searchable = En búsqueda
profile-state-not-searchable = Fuera de la búsqueda
profile-state-withdrawn = Consentimiento retirado
profile-text-draft = Falta la lectura de otra persona. Un perfil se busca cuando dos personas leen lo mismo.
profile-text-discordant = Dos lecturas no coinciden en todos los loci. Revise los electroferogramas; quien corrija ingresa una lectura nueva.
profile-text-concordant = Dos lecturas coinciden.
profile-text-searchable = Dos lecturas coinciden y el perfil se compara con el banco.
profile-text-not-searchable = Dos lecturas coinciden, pero el perfil no se compara: vea los avisos.
profile-text-withdrawn = El consentimiento se retiró. El perfil ya no se compara con nada.
profile-flag-partial = Hay muy pocos loci para decir algo.
profile-flag-one-allele = En algún locus se leyó un solo alelo.
profile-flag-three-alleles = En algún locus se leyeron tres alelos.
profile-flag-off-ladder = Algún alelo está fuera de la escalera alélica.
profile-flag-unknown-locus = Algún locus no es de los conocidos.
profile-flag-sex-conflict = El sexo leído no concuerda con el indicado.
profile-flag-mixture = Parece una mezcla de más de una persona.
profile-flag-staff-match = Coincide con el perfil de alguien del personal: posible contaminación.
profile-flag-duplicate = Otro perfil del banco es idéntico.
genetics-enter = Ingresar su lectura
genetics-enter-again = Ingresar otra lectura suya
genetics-enter-open = Abrir el formulario
genetics-enter-text = Escriba los alelos en el orden en que se leen y pase con la tecla Tab. Deje en blanco lo que no se leyó; un homocigoto se escribe dos veces. El tercer campo es para un tercer alelo. La tecla Entrar solo revisa: guarda el botón.
genetics-kit = Kit
genetics-laboratory = Laboratorio
genetics-run-on = Día de la corrida
genetics-grid-autosomal = Loci autosómicos y Amelogenina
genetics-grid-y = Cromosoma Y de los kits autosómicos
genetics-grid-more-y = Más loci del cromosoma Y
genetics-cell = { $locus }, alelo { $n }
genetics-more-read = Otros loci y ADN mitocondrial
genetics-more-loci = Otros loci
genetics-more-loci-hint = Uno por renglón, con dos puntos después del nombre: Penta C: 9 11
genetics-more-loci-error = Escriba cada locus una vez, con sus alelos: Penta C: 9 11
genetics-mt-ranges = Tramos secuenciados del ADN mitocondrial
genetics-mt-ranges-hint = Primera y última posición, por ejemplo 16024-16365, 73-340
genetics-mt-ranges-error = Escriba los tramos como 16024-16365, entre las posiciones 1 y 16569
genetics-mt-differences = Diferencias con la secuencia de referencia (rCRS)
genetics-mt-differences-hint = Por ejemplo 16223T 263G 315.1C 523-
genetics-mt-differences-error = Una diferencia es una posición de un tramo secuenciado y una base: 263G, 315.1C, 523-
genetics-save-reading = Guardar la lectura
genetics-not-usable = El consentimiento para esta muestra se retiró. Ya no se lee nada de ella.
genetics-no-consent = Ningún consentimiento vigente de quien donó cubre a esta institución
genetics-nothing-read = Escriba los alelos de al menos un locus
genetics-fault-too-many-alleles = { $locus }: más de tres alelos no son de una sola persona
genetics-fault-allele = { $locus }: un alelo es un número como 9.3, u OL; Amelogenina es X, X o X, Y
genetics-fault-twice = { $locus }: el locus está dos veces, con dos nombres
genetics-fault-form = { $locus }: ese nombre de locus no es posible
genetics-read = Lo que se leyó
genetics-locus = Locus
genetics-agreed = Coincide
genetics-reading-number = Lectura { $n }
genetics-note = Nota
genetics-reading-yours = Lectura de usted
genetics-reading-other = Lectura de otra persona
genetics-reading-kit = { $kit }, { $laboratory }
genetics-reading-when = Corrida del { $run }; ingresada el { $entered }
genetics-locus-differs = Difiere
genetics-locus-once = Una sola vez
genetics-mitochondrial = ADN mitocondrial
genetics-mt-sequenced = Secuenciado: { $ranges }
genetics-mt-told = Diferencias con la referencia: { $differences }
genetics-mt-none = Sin diferencias con la referencia.
flash-reading-saved = Su lectura quedó guardada.

# Familias
genetics-families = Familias
genetics-families-intro = Árboles de familias que buscan. Los que están en búsqueda se comparan con todos los restos del banco.
genetics-families-none = Todavía no hay familias
genetics-families-none-hint = Escriba el folio de un caso para dibujar su familia.
genetics-families-shown = { $n ->
    [one] { $n } familia
   *[other] { $n } familias
}
genetics-family = Familia
genetics-missing-count = Se busca a
genetics-donor-count = Donantes
genetics-since = Desde
genetics-new-family = Dibujar una familia
genetics-edit-family = Cambiar el árbol
genetics-draw-for = Folio del caso
genetics-draw-for-hint = El caso de la persona que se busca.
genetics-no-case = No hay un caso con ese folio que esta institución pueda ver
genetics-back-to-family = Volver a la familia
genetics-editor-intro = Un renglón por persona, con un nombre propio del árbol (madre, tío 1), nunca el nombre de alguien. El padre y la madre se escriben con el nombre de su renglón.
genetics-editor-case = Caso { $folio }
genetics-editor-hint = Quienes criaron a alguien sin ser sus padres biológicos se dibujan y no pesan; separe sus nombres con coma. El folio solo hace falta si la persona que se busca es de otro caso. La tecla Entrar solo dibuja: guarda el botón.
genetics-begin-from = Comenzar con:
genetics-begin-parents = Madre y padre
genetics-begin-siblings = Hermanas o hermanos
genetics-begin-grandparents = Abuela y abuelo
genetics-begin-uncle = Tía o tío
genetics-name-father = padre
genetics-name-mother = madre
genetics-name-person = persona
genetics-name-sibling = hermana o hermano
genetics-name-grandfather = abuelo
genetics-name-grandmother = abuela
genetics-name-uncle = tía o tío
genetics-more-rows = Agregar filas
genetics-draw-now = Dibujar
genetics-state = Cómo queda el árbol
genetics-save-family = Guardar el árbol
pedigree-text-draft = Todavía no se compara con el banco.
pedigree-text-validated = Se compara con todos los restos del banco.
pedigree-text-closed = Ya no se compara.
genetics-person = Persona
genetics-sex = Sexo
genetics-female = Mujer
genetics-male = Hombre
genetics-father = Padre
genetics-mother = Madre
genetics-adoptive = La criaron
genetics-who = Quién es
genetics-case-folio = Folio
genetics-dna = ADN
genetics-who-nobody = Sin muestra
genetics-who-is-missing = Se busca
genetics-who-missing = Se busca: { $folio }
genetics-who-reserved = Donante con reserva
genetics-error-in-row = Fila { $n }: { $text }
genetics-error-name = Escriba un nombre del árbol
genetics-error-sex = Elija el sexo
genetics-error-unknown = Nadie del árbol tiene ese nombre
genetics-error-parent-sex = El padre es un hombre y la madre una mujer
genetics-error-cycle = Nadie puede descender de sí mismo
genetics-error-twice = Ese nombre está dos veces
genetics-error-inbreeding = La consanguinidad solo se indica de quien no tiene padres en el árbol
genetics-error-nobody-missing = Diga a quién se busca
genetics-error-donor-twice = Esa muestra ya es de otra persona del árbol
genetics-error-donor-sex = Quien donó es de otro sexo
genetics-stale = Otra persona cambió este árbol mientras usted escribía. Lo que escribió sigue aquí; abra el árbol en otra ventana, compare y guarde después de cargarlo de nuevo.
flash-family-saved = El árbol quedó guardado.

# El dibujo
genetics-pedigree = Árbol
genetics-chart-label = Árbol de la familia
genetics-chart-text = { $people ->
    [one] Una persona
   *[other] { $people } personas
} en { $generations ->
    [one] una generación.
   *[other] { $generations } generaciones.
}
genetics-chart-missing = Se busca a: { $names }.
genetics-chart-typed = Con perfil: { $names }.
genetics-standing-missing = se busca
genetics-standing-typed = con perfil
genetics-standing-sampled = donante
genetics-key-missing = Se busca
genetics-key-typed = Con perfil en búsqueda
genetics-key-double = Pareja con un antepasado común
genetics-key-adoptive = Crianza, sin parentesco biológico

# Resultados en palabras
genetics-results = Lo que pesan los restos
genetics-remains-compared = { $n ->
    [0] Todavía no hay restos con perfil en el banco.
    [one] Se compara con un solo resto con perfil en el banco.
   *[other] Se compara con { $n } restos con perfil en el banco.
}
genetics-results-caution = Es la fuerza de la prueba genética, no una identificación. Entre más restos se comparan, más coincidencias surgen por azar: lea cada cifra con el número de restos.
genetics-results-none = Nada que mostrar todavía
genetics-results-none-hint = Aparecen los restos cuyo perfil habla a favor del parentesco, y los que alguien ya mira.
genetics-result-title = { $found } y { $who }
genetics-found-reserved = Restos con reserva
genetics-badge-for = A favor
genetics-badge-weak = Algo a favor
genetics-badge-against = En contra
genetics-badge-none = No dice nada
genetics-badge-mismatch = No concuerda del todo
genetics-badge-withdrawn = Retirado
genetics-results-against = { $n ->
    [one] Un resto más, que no habla a favor
   *[other] { $n } restos más, que no hablan a favor
}
genetics-withdrawn = El consentimiento o el perfil en que descansaba este resultado se retiró. Ya no dice nada, ni a favor ni en contra.
genetics-lr-for = Las pruebas genéticas son { $n } veces más probables si { $found } es { $who } que si es de alguien sin parentesco con la familia.
genetics-lr-against = Las pruebas genéticas son { $n } veces más probables si { $found } es de alguien sin parentesco con la familia que si es { $who }.
genetics-lr-none = Las pruebas genéticas son igual de probables con parentesco que sin él: no dicen nada.
genetics-supports-for = Es un apoyo { $degree } a que lo sea.
genetics-supports-against = Es un apoyo { $degree } a que no lo sea.
genetics-degree-weak = débil
genetics-degree-moderate = moderado
genetics-degree-moderately-strong = moderadamente fuerte
genetics-degree-strong = fuerte
genetics-degree-very-strong = muy fuerte
genetics-degree-extremely-strong = extremadamente fuerte
genetics-mismatch = En { $n } de { $of } marcadores los restos no pueden concordar con la familia si nada muta.
genetics-rest-for = Los demás marcadores son { $n } veces más probables si { $found } es { $who } que sin parentesco.
genetics-rest-against = Los demás marcadores son { $n } veces más probables sin parentesco que si { $found } es { $who }.
genetics-mismatch-few = Una o dos diferencias pueden ser mutaciones, o un error de lectura o de árbol: hay que revisarlas.
genetics-mismatch-many = Son más diferencias de las que explican las mutaciones: con este árbol, no es esa persona.
genetics-direct = Comparado con lo que se leyó de objetos propios de la persona, no con parientes.
genetics-mismatch-own = En { $n } de { $of } marcadores los restos no concuerdan con lo que se leyó de los objetos propios.
genetics-mismatch-many-own = Son demasiadas diferencias para una misma persona: no es ella, o los objetos no eran suyos.
genetics-line-sex-consistent = El sexo que dice la amelogenina concuerda.
genetics-line-sex-inconclusive = La amelogenina muestra solo X y se busca a un hombre: puede faltar el Y por una deleción; hay que revisarlo.
genetics-line-sex-excludes = La amelogenina muestra Y y se busca a una mujer: no concuerda, o el sexo está mal registrado.
genetics-line-y-consistent = El cromosoma Y concuerda con la línea paterna. No entra en la cifra.
genetics-line-y-inconclusive = El cromosoma Y difiere en uno o dos marcadores de la línea paterna: no decide.
genetics-line-y-excludes = El cromosoma Y difiere en tres marcadores o más de la línea paterna: no es de esa línea.
genetics-line-mtdna-consistent = El ADN mitocondrial concuerda con la línea materna. No entra en la cifra.
genetics-line-mtdna-inconclusive = El ADN mitocondrial difiere en una posición de la línea materna: no decide.
genetics-line-mtdna-excludes = El ADN mitocondrial difiere en dos posiciones o más de la línea materna: no es de esa línea.
genetics-posterior = { $n ->
    [one] Si antes de las pruebas era igual de probable que fuera esa persona o que no lo fuera, la probabilidad de que lo sea es { $share }.
   *[other] Si antes de las pruebas podía ser por igual cualquiera de los { $n } restos comparados, o no estar entre ellos, la probabilidad de que sea esa persona es { $share }.
}
genetics-above-9999 = más de 99.99 %
genetics-below-0001 = menos de 0.01 %
genetics-millions = { $n } millones de
genetics-thousand-millions = { $n } mil millones de
genetics-million-millions = { $n } billones de
genetics-power-of-ten = más de 10 elevado a { $n }
genetics-log10 = log10 de la razón de verosimilitud
genetics-compared = Marcadores comparados
genetics-excluding = Marcadores que no concuerdan
genetics-weighed-at = Calculado
genetics-weighed-with = Cómo se calculó
genetics-open-found = Abrir { $found }
genetics-stamp-table = Frecuencias: { $table } ({ $name }).
genetics-stamp-rare = Los alelos raros cuentan como si se hubieran visto cinco veces en la muestra de la tabla.
genetics-stamp-mutation = Mutación { $model }: { $women } por generación en mujeres, { $men } en hombres.
genetics-stamp-no-mutation = Sin mutación.
genetics-stamp-no-theta = Sin corrección por subpoblación.
genetics-stamp-theta = Corrección por subpoblación de { $n }.
genetics-stamp-release = Motor { $release }.
mutation-model-proportional = proporcional a las frecuencias
mutation-model-equal = igual hacia cualquier alelo
frequency-table-fbi2015-african-amer-bahamian-jamaican = afroamericanos, bahameños y jamaiquinos
frequency-table-fbi2015-african-american = afroamericanos
frequency-table-fbi2015-apache = apaches
frequency-table-fbi2015-bahamian = bahameños
frequency-table-fbi2015-caucasian = estadounidenses de origen europeo
frequency-table-fbi2015-chamorro = chamorros
frequency-table-fbi2015-filipino = filipinos
frequency-table-fbi2015-jamaican = jamaiquinos
frequency-table-fbi2015-navajo = navajos
frequency-table-fbi2015-se-hispanic = hispanos del sureste de Estados Unidos
frequency-table-fbi2015-sw-hispanic = hispanos del suroeste de Estados Unidos
frequency-table-fbi2015-trinidadian = trinitenses
frequency-table-nist1036-afam = afroamericanos (NIST)
frequency-table-nist1036-asian = asiático-estadounidenses (NIST)
frequency-table-nist1036-cauc = estadounidenses de origen europeo (NIST)
frequency-table-nist1036-hisp = hispanos de Estados Unidos (NIST)

# Lo que una familia puede decir
genetics-power = Qué puede decir la familia
genetics-power-intro = Lo que las muestras de la familia pueden mostrar antes de que haya restos, y qué muestra ayudaría más.
genetics-power-none = El árbol no dice a quién se busca.
genetics-power-of = Para { $who }
genetics-exclusion = Restos sin parentesco quedan excluidos en al menos un marcador con una probabilidad de { $share }; en promedio, en { $n } marcadores.
genetics-expected-true = Si son de la persona que se busca, se espera un log10 de { $n }.
genetics-expected-not = Si son de alguien sin parentesco, los marcadores que no excluyen dan un log10 esperado de { $n }.
genetics-reach = Qué tan fuerte llegaría a ser
genetics-reach-text = Probabilidad de que los restos de la persona que se busca lleguen a ese log10, de mil perfiles sorteados.
genetics-reaches = log10 de { $n } o más
genetics-of-thousand = { $n } de 1000
genetics-next = A quién conviene pedir muestra
genetics-next-text = Cuánto sumaría cada muestra al log10 esperado: promedio de veinte perfiles sorteados.
genetics-next-nobody = Todas las personas del árbol tienen perfil o se buscan.
genetics-next-little = Ninguna muestra de este árbol sumaría mucho.
genetics-next-best = La muestra que más ayudaría es la de { $who }: sumaría { $gain } al log10 esperado.

# Búsquedas del banco
genetics-runs = Búsquedas del banco
genetics-runs-intro = Todas las familias de la institución con todos los restos. Lo nuevo se compara solo: esto hace falta cuando cambian las frecuencias, el modelo o la versión.
genetics-runs-none = Todavía no se ha pedido ninguna búsqueda
genetics-runs-none-hint = Lo nuevo se compara sin pedirlo.
genetics-run-begin = Comparar todo el banco
genetics-run-reload = Ver cómo va
genetics-run-cancel = Cancelar esta búsqueda
genetics-run-open = En curso
genetics-run-ended = Terminada
genetics-run-cancelled = Cancelada
genetics-run-parts = Avance
genetics-run-progress = { $done } de { $of } partes; { $families ->
    [one] { $families } familia
   *[other] { $families } familias
}; { $workers ->
    [one] { $workers } proceso
   *[other] { $workers } procesos
}
genetics-run-found = Pares comparados: { $pairs }. Guardados: { $kept }.
flash-search-begun = La búsqueda comenzó. Puede cerrar esta página.
flash-search-cancelled = La búsqueda se canceló. Lo ya comparado se conserva.
flash-search-had-ended = Esa búsqueda ya había terminado.

# Identificación conjunta
genetics-joint = Identificación conjunta
genetics-joint-intro = Para un hecho con un grupo cerrado de personas, como un naufragio o una fosa: todos los restos y todas las familias a la vez, porque lo que dice uno dice algo de los demás.
genetics-joint-event = Hecho
genetics-joint-event-hint = Lugar y fecha; sin nombres de personas.
genetics-joint-cases = Folios de las personas desaparecidas
genetics-joint-cases-hint = Uno por línea, o separados por comas. La institución debe tener el árbol de cada familia.
genetics-joint-founds = Folios de los restos
genetics-joint-founds-hint = Uno por línea, o separados por comas. Los que son de una misma persona se juntan primero.
genetics-joint-begin = Calcular
genetics-joint-none = Todavía no se ha pedido ninguna
genetics-joint-none-hint = Para restos y familias que no son de un mismo hecho basta la búsqueda del banco.
genetics-joint-asked = { $missing } personas desaparecidas y { $remains } restos
genetics-joint-failed = No se pudo calcular
genetics-joint-unknown = No hay un registro así con el folio { $folio }
genetics-joint-no-pedigree = La institución no tiene el árbol de la familia de uno de estos casos
genetics-joint-problem-too-many = Son demasiadas combinaciones para calcularlas juntas. Divida el hecho, o quite restos que ya se excluyeron.
genetics-joint-problem-impossible = Con los perfiles y árboles como están no puede ser lo que se leyó. Revise si algún perfil o parentesco tiene un error.
genetics-joint-problem-withdrawn = El consentimiento o un perfil en que descansaba se retiró: lo que se calculó ya no se muestra.
genetics-joint-caution = Ordena el trabajo, no identifica a nadie. Supone que el grupo es cerrado: si faltan personas en la lista, las probabilidades engañan.
genetics-joint-too-many = Son demasiadas combinaciones para sumarlas todas: las probabilidades faltan, las conclusiones se calcularon familia por familia.
genetics-joint-ties = Hay { $n } repartos igual de probables que el más probable.
genetics-joint-said = Qué dice de cada resto
genetics-joint-one-person = Por su perfil son de una misma persona; cuentan una sola vez.
genetics-joint-table = Quién puede ser quién
genetics-joint-table-hint = La probabilidad entre todos los repartos posibles y, debajo, el logaritmo de la razón de verosimilitud de cada pareja por separado.
genetics-joint-remains = Restos
genetics-joint-nobody = Ninguna de ellas
genetics-joint-left-out = No tomaron parte
genetics-joint-left-out-hint = Casos sin árbol validado y restos sin perfil en la búsqueda.
genetics-joint-how = Con qué se calculó
genetics-joint-undisputed = { $who } es la única persona de la lista con la que concuerda, y ninguna otra se le acerca.
genetics-joint-match = Dentro de su familia, { $who } es quien mejor concuerda, con mucha diferencia.
genetics-joint-probable-match = Dentro de su familia, { $who } es quien mejor concuerda, con alguna diferencia.
genetics-joint-symmetric = Es de hermanos a quienes el ADN de su familia no distingue: hace falta otra prueba.
genetics-joint-disputed = Concuerda con { $who } y también con otra persona, o hay otros restos que concuerdan igual.
genetics-joint-probable = Concuerda con { $who }, pero no lo bastante.
genetics-joint-inconclusive = No alcanza para decir si es alguna de estas personas.
genetics-joint-no-match = Es más probable que no sea ninguna de estas personas.
genetics-joint-excluded = No es ninguna de estas personas, si los árboles son correctos.
joint-conclusion-undisputed = Sin disputa
joint-conclusion-match = Concuerda en conjunto
joint-conclusion-probable-match = Probable en conjunto
joint-conclusion-symmetric = Hermanos sin distinguir
joint-conclusion-disputed = En disputa
joint-conclusion-probable = Probable
joint-conclusion-inconclusive = No concluyente
joint-conclusion-no-match = No concuerda
joint-conclusion-excluded = Excluido
