# Mapa y rutas.

routes-heading = Mapa y rutas
routes-intro = Las rutas son corredores aproximados. Sirven para ordenar la búsqueda, nunca para descartar a nadie.
routes-query = Qué hay a lo largo de una ruta
routes-route = Ruta
routes-from-stop = Desde
routes-to-stop = Hasta
routes-stop-start = El inicio de la ruta
routes-stop-end = El final de la ruta
routes-within = A cuántos kilómetros, a lo más
routes-from = Desde el día
routes-to = Hasta el día
routes-day-hint = Año-mes-día, por ejemplo 2024-05-17.
routes-layers = Mostrar
routes-layer-cases = Personas desaparecidas
routes-layer-found = Personas encontradas
routes-layer-incidents = Incidentes publicados
routes-search = Buscar a lo largo
routes-choose-stops = Elija la ruta para ver sus paradas
routes-show-stops = Ver paradas
routes-results = Resultados
routes-count = { $n ->
    [0] Nada en esa franja y esas fechas
    [one] { $n } resultado
   *[other] { $n } resultados
}
routes-cut = Se muestran los primeros { $n } en la tabla. El mapa los muestra todos.
routes-none-hint = Ensanche la franja, quite las fechas o elija otro tramo.
routes-col-km = Kilómetro
routes-col-kind = Qué es
routes-col-folio = Folio o lugar
routes-col-distance = Distancia a la ruta
routes-col-when = Fecha
routes-col-inside = ¿Dentro?
routes-km = km { $km }
routes-distance = { $km } km
routes-certain = Con certeza
routes-probable = Probable ({ $percent } %)
routes-kind-case = Persona desaparecida
routes-kind-found-record = Persona encontrada
routes-kind-incident = Incidente
routes-incident = Incidente publicado
routes-no-date = Sin fecha
routes-list = Corredores
routes-list-name = Ruta
routes-list-mode = Medio
routes-list-length = Longitud
routes-list-stops = Paradas
routes-list-open = Ver esta ruta
routes-length = { $km } km
routes-schematic = Trazo esquemático
routes-map = Mapa de las rutas
routes-map-of = Mapa de { $route }
routes-stop = Parada, km { $km }
routes-incident-figures = Personas fallecidas: { $dead }. Desaparecidas: { $missing }
routes-source = Incidentes: Missing Migrants Project (OIM), 2014-2022, CC BY 4.0. Son mínimos: muchos no se registran.
routes-own-only = De otras instituciones no se muestra nada, tampoco el número.
routes-all = Todas las rutas
routes-error-within = Escriba un número de kilómetros mayor que 0 y hasta 500
routes-error-day = Escriba el día como año-mes-día, por ejemplo 2024-05-17
routes-error-reversed = El período termina antes de empezar
routes-error-route = Elija una ruta
routes-error-stop = Elija una parada de esa ruta
medium-rail = Tren de carga
medium-land = Carretera
medium-foot = A pie
medium-sea = Mar
