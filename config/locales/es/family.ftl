# Textos para familias y público: frases cortas, en presente, sin palabras prohibidas, sin prisa y sin promesas.

family-start-folio = Ya tengo un folio
family-emergency = Si alguien está en peligro ahora, llame al { $number }.
family-no-immigration = No preguntamos por la situación migratoria de nadie.

exit-now = Salir rápido
exit-hint = También puede presionar la tecla Mayúsculas tres veces.
exit-two-more = Mayúsculas: presione dos veces más para salir.
exit-one-more = Mayúsculas: presione una vez más para salir.
exit-honest = Salir rápido no borra el historial de este aparato.

family-sign-in-heading = Entre con su folio
family-folio = Folio
family-folio-hint = Está en el papel o mensaje que le dimos. Por ejemplo, HND-CBHN-2026-000123-7.
family-pin = Clave
family-pin-hint = Los números que recibió junto con su folio.
family-sign-in = Entrar
family-sign-in-failed = No pudimos abrir con esos datos. Revise el folio y la clave, o llámenos: le ayudamos.
family-sign-in-wait = Espere unos minutos antes de intentar otra vez. También puede llamarnos.

family-in-contact-heading = Su persona de contacto está en comunicación con usted
family-what-we-do = Qué estamos haciendo
family-phase-done = Hecho
family-phase-current = Ahora
family-phase-later = Después
family-phase-report = Recibimos su reporte
family-phase-report-text = Guardamos lo que usted nos contó. No tendrá que contarlo otra vez.
family-phase-gathering = Reunimos información
family-phase-gathering-text = Preguntamos a otras instituciones. Esto puede tardar semanas.
family-phase-comparing = Comparamos la información
family-phase-comparing-text = Estamos comparando la información con varios registros. Esto puede tardar meses. Que no haya noticias no quiere decir que dejamos de buscar.
family-phase-talking = Hablamos con usted
family-phase-talking-text = Si hay algo importante, una persona le llamará para acordar una cita. Nunca se lo diremos por mensaje.

family-contact-heading = Su persona de contacto
family-contact-none = Le diremos quién es su persona de contacto cuando le llamemos.
family-call-heading = Pedir una llamada
family-call-text = Elija cuándo le llamamos. Si prefiere que no dejemos recados, lo respetamos.
family-call-when = ¿A qué hora le queda mejor?
family-call-morning = Por la mañana
family-call-afternoon = Por la tarde
family-call-evening = Por la noche
family-call-any = A cualquier hora
family-call-number = ¿A qué número le llamamos?
family-call-number-hint = Déjelo en blanco si es el que ya tenemos.
family-call-quiet = Si no contesta
family-call-no-message = No dejen recados
family-call-note = ¿Quiere decirnos algo antes?
family-call-send = Pedir la llamada

family-data-heading = Sus datos y permisos
family-data-text = Esto es lo que guardamos y con quién lo compartimos. Puede cambiarlo cuando quiera.
family-data-shared-none = No lo compartimos con nadie más.

family-help-line = ¿Prefiere hablar? Llámenos al { $number }.
