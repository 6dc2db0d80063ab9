# Textos del escritorio del personal.

# Navegación
nav-my-day = Mi día
nav-cases = Expedientes
nav-case-new = Registrar a una persona
nav-records = Personas encontradas
nav-record-new = Registrar un hallazgo
nav-hypotheses = Hipótesis
nav-map = Mapa y rutas
nav-import = Importar
nav-query = Consulta
nav-alerts = Alertas
nav-agreements = Acuerdos
nav-users = Usuarias y usuarios
nav-audit = Accesos
nav-jobs = Trabajos

# Entrada
login-heading = Entrar a Rastro
login-user = Usuaria o usuario
login-password = Contraseña
login-code = Código de un solo uso
login-code-hint = Los seis números de su aplicación de autenticación.
login-failed = No pudimos entrar con esos datos.
login-purpose = ¿Para qué entra?
login-purpose-hint = Queda anotado en cada consulta que haga.
demo-note = Demostración: todas las personas son inventadas.

# Mi día
day-heading = Mi día
day-overdue = Vencidas
day-due-soon = Por vencer
day-new-hypotheses = Hipótesis nuevas
day-open-cases = Expedientes abiertos
day-next-actions = Próximas acciones
day-none = No hay nada pendiente para hoy.
day-none-hint = Cuando llegue un reporte o una hipótesis aparecerá aquí.

# Expedientes
cases-heading = Expedientes
cases-search = Nombre, apodo o folio
cases-search-hint = Sin preocuparse por acentos ni por el orden.
cases-empty = No hay expedientes con esos filtros.
cases-empty-hint = Quite un filtro o busque solo por apellido.
cases-new = Registrar a una persona
col-name = Nombre
col-folio = Folio
col-age = Edad
col-nationality = Nacionalidad
col-last-place = Último lugar
col-last-contact = Último contacto
col-days = Días
col-state = Estado
col-next-action = Próxima acción
col-assignee = Responsable
col-authority = Institución
col-strength = Fuerza
col-reasons = Motivos
col-updated = Actualizado
col-kind = Tipo
col-place = Lugar
col-date = Fecha
col-who = Quién
col-what = Qué
col-why = Para qué
col-row = Fila
col-column = Columna
col-value = Valor
col-reason = Motivo

# Registro
intake-heading = Registrar a una persona
intake-person = Persona
intake-given-names = Nombres
intake-first-surname = Primer apellido
intake-second-surname = Segundo apellido
intake-aliases = También le dicen
intake-aliases-hint = Apodos u otras formas de escribir su nombre, separadas por comas.
intake-sex = Sexo
intake-birth = Fecha de nacimiento
intake-age-from = Edad, desde
intake-age-to = Edad, hasta
intake-nationality = Nacionalidad
intake-stature = Estatura en centímetros
intake-marks = Señas particulares
intake-marks-hint = Una por línea: tatuajes, cicatrices, lunares, y en qué parte del cuerpo.
intake-circumstances = Circunstancias y ruta
intake-last-contact = Último contacto
intake-last-place = Último lugar conocido
intake-destination = A dónde iba
intake-latitude = Latitud
intake-longitude = Longitud
intake-uncertainty = Incertidumbre en metros
intake-phones = Teléfonos
intake-document = Documento
intake-inquirer = Quien busca
intake-relation = Parentesco
intake-consent = Consentimiento
intake-consent-hint = Marque solo lo que la familia aceptó, en el idioma en que se le explicó.
intake-consent-language = Idioma en que se explicó
intake-consent-recipients = Con qué instituciones
intake-consent-categories = Qué datos
intake-submit = Registrar
intake-done = Registro guardado.

# Expediente
case-summary = Resumen
case-person = Persona
case-description = Descripción
case-circumstances = Circunstancias y ruta
case-map = Mapa
case-contacts = Contactos
case-timeline = Cronología
case-who-can-see = Quién puede verlo
case-who-has-seen = Quién lo ha visto
case-hypotheses = Hipótesis
case-no-hypotheses = Todavía no hay hipótesis para este expediente.
case-no-hypotheses-hint = El buscador vuelve a comparar cada vez que llega un registro.
case-actions = Siguiente paso
case-presumption = Se busca con presunción de vida.
case-family-contact = Contactar a la familia
case-family-paused = La familia pidió no ser contactada por ahora.
case-history = Historia del dato

# Personas encontradas
record-heading = Registrar a una persona encontrada
record-kind = Situación
record-found-on = Fecha del hallazgo o ingreso
record-interval = Intervalo estimado en días
record-name-as-recorded = Nombre como está escrito
record-wants-contact = ¿Desea que se avise a su familia?
records-empty = No hay registros con esos filtros.

# Hipótesis
hypothesis-heading = Hipótesis de coincidencia
hypotheses-heading = Hipótesis por revisar
hypotheses-empty = No hay hipótesis por revisar.
hypotheses-empty-hint = Las nuevas aparecen aquí sin recargar la página.
hypothesis-not-identification = No es una identificación.
hypothesis-case-side = Persona buscada
hypothesis-record-side = Persona encontrada
hypothesis-outcome = Comparación
hypothesis-evidence = Lo que pesa cada dato
hypothesis-evidence-text = Cada barra es el peso de un dato, en logaritmo decimal. A la derecha apoya; a la izquierda resta.
hypothesis-weight = Peso
hypothesis-coverage = Datos comparados
hypothesis-decide = Decidir
hypothesis-verdict = Su opinión
hypothesis-reason = Motivo
hypothesis-reason-required = Para excluir hace falta un motivo
hypothesis-note = Explicación
hypothesis-second-needed = Falta la opinión de otra persona, de otra institución.
hypothesis-blind = La primera opinión se muestra cuando usted haya dado la suya.
hypothesis-own-verdict = Usted ya dio su opinión.
hypothesis-exclusions = Exclusiones
weight-of-total = Total

# Consulta
query-heading = Consultar si hay un expediente relacionado
query-purpose = Propósito y fundamento
query-purpose-hint = Cada consulta queda anotada y la institución responsable puede verla.
query-none = No hay coincidencias.
query-related = Hay un expediente relacionado; pida acceso.
query-possible = Puede haber un expediente relacionado; hacen falta más datos.
query-ask-access = Pedir acceso

# Asociación
association-heading = Casos con mandato de la familia
association-next-contact = Próximo contacto
association-ask = Preguntar a la comisión
association-empty = Aún no hay familias que hayan dado su mandato.

# Importar
import-heading = Importar
import-what = ¿Qué contiene el archivo?
import-cases = Expedientes
import-records = Personas encontradas
import-mmp = Incidentes del Missing Migrants Project
import-file = Archivo CSV
import-file-hint = Encabezados en español o inglés. Se admite comprimido con gzip.
import-dry-run = Revisar sin guardar
import-start = Importar
import-progress = Avance de la importación
import-cancel = Cancelar la importación
import-done = Importación terminada
import-read = Filas leídas
import-saved = Filas guardadas
import-rejected = Filas con errores
import-differences = Diferencias por aceptar
import-errors = Errores por fila
import-errors-download = Descargar los errores

# Inicio y entrada
nav-association = Casos con mandato
nav-admin = Administración
start-heading = La búsqueda no se detiene en la frontera
start-text = Rastro reúne lo que saben las familias, las comisiones de búsqueda y los servicios forenses de varios países.
start-families = Busco a una persona
start-families-text = Entre con el folio y la clave que le dieron. Verá en qué va la búsqueda y quién le acompaña.
start-staff = Trabajo en una institución
start-staff-text = Comisiones, servicios forenses, consulados, defensorías y asociaciones.
login-email = Correo electrónico
login-family-link = Soy familiar y tengo un folio
