# Patrones para las comisiones de búsqueda.

nav-patterns = Patrones
patterns-heading = Patrones
patterns-intro = Qué tienen en común los registros: dónde, cuándo y en qué circunstancias. Para orientar una búsqueda por patrones.
patterns-caution = Son conteos, no riesgos. Los registros muestran dónde se busca y se reporta, no dónde pasa más. Lo que aparece aquí es una hipótesis para buscar, nunca una conclusión sobre una persona; de cada persona desaparecida se presume que vive.
patterns-kind = Qué mirar
patterns-kind-cases = Personas desaparecidas: último contacto
patterns-kind-found = Personas encontradas: lugar del hallazgo
patterns-kind-incidents = Incidentes publicados
patterns-route = Ruta
patterns-route-hint = Sin ruta se mira todo y se cuenta por ruta. Con una ruta se ve también la densidad a lo largo de ella.
patterns-scope = Otras instituciones
patterns-shared = Incluir lo que otras instituciones comparten
patterns-shared-hint = Según acuerdo, consentimiento y propósito. Entonces los lugares son aproximados y las fechas son meses, y de las otras instituciones solo se dice lo que suman cinco personas o más.
patterns-look = Buscar patrones
patterns-basis = De qué se parte
patterns-persons = { $n ->
    [one] { $n } persona
   *[other] { $n } personas
}
patterns-incidents = { $n ->
    [one] { $n } incidente
   *[other] { $n } incidentes
}
patterns-others = de otras instituciones, al menos { $n } personas
patterns-others-few = de otras instituciones, menos de cinco o ninguna
patterns-own-took-part = Registros propios que se pueden mostrar: { $n }
patterns-from-day = Desde el { $day }
patterns-to-day = Hasta el { $day }
patterns-without-place = Sin lugar, o con uno demasiado vago: { $n }
patterns-without-day = Sin fecha, o con una demasiado vaga: { $n }
patterns-cut-off = Hay más registros; se toman los { $n } más recientes
patterns-rule-of-five = Donde participan registros de otros solo se muestra lo que comparten cinco o más personas de otras instituciones, en pasos de cinco. Lo que no llega a cinco no aparece, tampoco en sumas.
patterns-corridors = Cuántas personas pueden estar en cada ruta
patterns-density = Densidad a lo largo de { $route }
patterns-density-label = Densidad a lo largo de la ruta, por cada 100 km
patterns-density-summary = La mayor densidad de { $route } está hacia el km { $km }, cerca de { $stop }: { $value } por cada 100 km.
patterns-density-text = La ruta va de arriba abajo. Cada registro se reparte unos 15 km hacia ambos lados; en un empalme, por partes iguales entre las ramas. Conteos, no riesgo.
patterns-table-text = Quien puede estar en dos rutas cuenta en las dos.
patterns-col-corridor = Ruta
patterns-col-stretch = Tramo
patterns-col-persons = Cuántos
patterns-col-first = Esto
patterns-col-second = Junto con esto
patterns-col-lift = Frecuencia
patterns-stretch = km { $from } a { $to }
patterns-clusters = Grupos en el espacio y el tiempo
patterns-clusters-text = Al menos cinco registros a menos de 15 km y de 60 días unos de otros (25 km cuando participan otras instituciones).
patterns-scan = Más de lo esperado en un lugar y un tiempo
patterns-scan-text = Lugares y semanas con más registros de los que explican el lugar y la fecha por separado. Dice qué pasó ahí y entonces, no dónde pasará.
patterns-scan-basis = Se compara con { $n } repartos al azar de las fechas.
patterns-lift = Señas que van juntas
patterns-lift-text = Pares que al menos cinco registros comparten y que aparecen juntos más de lo que daría el azar. Lo que no se registró no cuenta ni a favor ni en contra.
patterns-none-along = Nada que mostrar en las rutas
patterns-none-clusters = Ningún grupo que mostrar
patterns-none-scan = Ningún lugar y tiempo que destaque
patterns-none-lift = Ninguna seña compartida que mostrar
patterns-none-hint = Pruebe con otro período, otra ruta u otro tipo de registro.
patterns-between = Del { $from } al { $to }
patterns-near = A unos { $km } km de { $stop }
patterns-radius = Radio: { $km } km.
patterns-expected = Se esperaban { $n }.
patterns-chance = Algo tan fuerte surgiría por azar en { $n } de cada { $of } repartos.
patterns-chance-rare = Es poco probable que sea azar.
patterns-chance-common = Puede ser azar.
patterns-more-members = y { $n } más
patterns-times = { $n } veces lo esperado
patterns-lift-counts = { $both } con ambas; { $first } con la primera y { $second } con la segunda, de { $all }
patterns-sign-corridor = Ruta
patterns-sign-month = Mes
patterns-sign-country = País
patterns-sign-origin = Nacionalidad
patterns-sign-transport = Transporte
patterns-sign-risk = Riesgo
patterns-sign-kind = Tipo
patterns-sign-incident = Incidente
patterns-sign-cause = Causa
patterns-sign-route = Ruta según la fuente
patterns-cause-drowning = Agua
patterns-cause-violence = Violencia
patterns-cause-accident = Accidente
patterns-cause-environment = Clima y terreno
patterns-cause-illness = Enfermedad
