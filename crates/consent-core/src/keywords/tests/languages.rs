//! Replies in every language, each a row of its own. Rows are parted by `|`.

use super::each_of;
use crate::keywords::Meaning;

/// Opt-outs, by language: keywords with courtesies, and sentences.
const OPT_OUTS: &[(&str, &str)] = &[
    (
        "fr",
        "
            Arrêtez de m'envoyer des messages | arrêtez de m’écrire svp | ARRÊT | arret svp | STOP svp |
            Ne m'envoyez plus de SMS | ne me contactez plus | Désabonner | Me désabonner s'il vous plaît |
            Je veux me désabonner | je ne veux plus recevoir vos messages | Je ne souhaite plus recevoir de messages |
            Plus de SMS merci | Désinscrivez-moi | Retirez-moi de votre liste | enlevez mon numéro de votre liste |
            Veuillez me retirer de votre liste | Laissez-moi tranquille | foutez-moi la paix | Arrêtez vos pubs |
            stop pub | Cessez de me harceler | Comment me désabonner ? | Bonjour, arrêtez s'il vous plaît | STOP SMS
        ",
    ),
    (
        "es",
        "
            Alto | BAJA | Baja, por favor | darse de baja | quiero darme de baja | Dame de baja | Parar |
            Pare por favor | No más mensajes | no mas | No me envíen más mensajes | no me manden mensajes por favor |
            Deja de enviarme mensajes | dejen de molestar | Dejen de mandarme textos | Ya no quiero recibir mensajes |
            No quiero recibir más mensajes | no quiero sus mensajes | Quítenme de su lista | sáquenme de la lista |
            borre mi número | Elimine mi número por favor | Cancelar | cancelar suscripción | cancele mi suscripción |
            Déjenme en paz | No me molesten | basta ya | ¡¡ALTO!! | ¿Cómo me doy de baja? |
            Por favor no me escriban más | salir
        ",
    ),
    (
        "pt",
        "
            Parar | PARE | Sair | cancelar | Descadastrar | Me descadastre por favor | Não me envie mais mensagens |
            não quero mais receber mensagens | Não quero receber mensagens | Pare de me enviar mensagens |
            parem de mandar mensagem | Me tira dessa lista | me remova da lista | Remova meu número |
            Tire meu número da lista por favor | me deixem em paz | Cancelar inscrição | Quero me descadastrar |
            chega de mensagens
        ",
    ),
    (
        "de",
        "
            Stopp | STOPP! | Abmelden | abmelden bitte | Bitte abmelden | Abbestellen | Ende | Aufhören |
            Hören Sie auf | hör auf mir zu schreiben | Keine SMS mehr | Keine weiteren Nachrichten bitte |
            Bitte keine Werbung mehr | Schreiben Sie mir nicht mehr | Schicken Sie mir keine Nachrichten mehr |
            Ich möchte keine Nachrichten mehr erhalten | ich will keine SMS mehr bekommen | Melden Sie mich bitte ab |
            melde mich ab | Löschen Sie meine Nummer | Bitte löscht meine Nummer | Ich möchte mich abmelden |
            Lassen Sie mich in Ruhe | lasst mich endlich in ruhe! | Ich widerrufe meine Einwilligung | Schluss |
            SCHLUẞ | Kündigen | Wie kann ich mich abmelden? | nie wieder
        ",
    ),
    (
        "it",
        "
            Basta | BASTA!! | Smettetela | smettetela di scrivermi | Smetti di inviarmi messaggi | basta messaggi |
            Non mandatemi più messaggi | non scrivetemi più | Non mi contattate più | Cancellami |
            cancellatemi dalla lista | Cancellate il mio numero | Non voglio più ricevere messaggi |
            non voglio ricevere questi messaggi | Disiscrivimi | Voglio disiscrivermi | annulla |
            Rimuovetemi dalla lista per favore | Lasciatemi in pace | Niente più messaggi | Come posso cancellarmi?
        ",
    ),
    (
        "nl",
        "
            Afmelden | afmelden aub | Uitschrijven | Ik wil me uitschrijven | Stoppen | stop met sms'en |
            Stop met het sturen van berichten | Stuur mij geen berichten meer | stuur me niks meer |
            Geen berichten meer | Geen reclame meer alstublieft | Haal mij van de lijst | verwijder mijn nummer |
            Ik wil geen berichten meer ontvangen | ik wens geen sms meer te ontvangen | Schrijf mij uit |
            Meld me af aub | Laat me met rust | Hou op met berichten sturen | opzeggen | Ik wil mij afmelden
        ",
    ),
    (
        "da",
        "
            Afmeld | AFMELD | Frameld | Stop det | Stop med at skrive til mig | Stop med at sende mig beskeder |
            Send mig ikke flere beskeder | Ikke flere beskeder tak | Skriv ikke til mig igen | Fjern mig fra listen |
            slet mit nummer | Jeg vil ikke have flere beskeder | Jeg ønsker ikke at modtage jeres beskeder |
            Lad mig være | Hold op med at sende sms
        ",
    ),
    (
        "no",
        "
            Avslutt | Avmeld | Meld meg av | Slutt å sende meg meldinger | slutt å sende sms | Stopp å kontakte meg |
            Ikke send meg flere meldinger | Ikke kontakt meg igjen | Jeg vil ikke ha flere meldinger |
            Jeg ønsker ikke å motta meldinger | Fjern meg fra listen | Slett nummeret mitt | La meg være i fred |
            Ingen flere meldinger takk
        ",
    ),
    (
        "sv",
        "
            Stopp | Sluta | Sluta skicka sms | sluta skriva till mig | Sluta skicka meddelanden till mig |
            Avregistrera | Avregistrera mig | Avsluta tack | Skicka inte fler sms | Skicka inga fler meddelanden |
            Kontakta mig inte igen | Jag vill inte ha fler sms | Jag vill inte ha era meddelanden |
            Ta bort mig från listan | Ta bort mitt nummer | Lämna mig ifred | Inga fler sms tack
        ",
    ),
    (
        "fi",
        "
            Lopeta | Lopettakaa | Lopeta viestit | Lopettakaa viestien lähettäminen | Älkää lähettäkö enää viestejä |
            Älä lähetä enää | Ei enää viestejä | En halua enää viestejä | En halua viestejänne | Poista numeroni |
            Poistakaa minut listalta | Peruuta tilaus | Peruutan suostumukseni | Jättäkää minut rauhaan |
            peruuta kiitos
        ",
    ),
    (
        "is",
        "
            Hætta | Hættið | Hættu að senda mér skilaboð | Hættið að senda mér SMS | Ekki senda mér fleiri skilaboð |
            Afskrá | Afskrá mig takk | Skrá mig úr | Engin fleiri skilaboð | Ég vil ekki fá fleiri skilaboð |
            Takið mig af listanum | Látið mig í friði | Ekki hafa samband aftur
        ",
    ),
    (
        "pl",
        "
            Rezygnuję | rezygnuje | Wypisz mnie | Proszę mnie wypisać | Przestańcie | Przestańcie do mnie pisać |
            Proszę przestać wysyłać SMS-y | Nie wysyłajcie mi więcej wiadomości | Proszę nie pisać do mnie więcej |
            Nie chcę otrzymywać wiadomości | nie chce wiecej smsow | Nie życzę sobie otrzymywać reklam |
            Usuńcie mój numer | Proszę usunąć mój numer | Wycofuję zgodę | Dajcie mi spokój | Koniec | Anuluj |
            Proszę o usunięcie mojego numeru
        ",
    ),
    (
        "cs",
        "
            Odhlásit | Odhlásit se | Odhlaste mě | Prosím odhlásit | Přestaňte | Přestaňte mi psát |
            Přestaňte mi posílat zprávy | Neposílejte mi žádné zprávy | Už mi nepište | Nechci dostávat vaše zprávy |
            nechci zadne sms | Nepřeji si dostávat reklamy | Zrušit | Zrušte odběr | Vymažte mě | Nechte mě být |
            Dejte mi pokoj | Konec
        ",
    ),
    (
        "tr",
        "
            Ret | İPTAL | iptal | İptal et lütfen | Durdur | Mesaj istemiyorum | Artık mesaj istemiyorum |
            Bana mesaj atmayın | Lütfen bana mesaj göndermeyin | Bir daha yazmayın | Beni listeden çıkarın |
            Numaramı silin | Rahatsız etmeyin | Aboneliğimi iptal edin | Mesaj almak istemiyorum | ÇIKIŞ |
            Beni rahat bırakın
        ",
    ),
    (
        "ru",
        "
            Стоп | СТОП!!! | Отписаться | отписка | Отпишите меня | Хочу отписаться | Как отписаться? | Хватит |
            Прекратите | Прекратите присылать мне сообщения | Перестаньте писать | Не пишите мне больше |
            больше не пишите | Не присылайте мне смс | Не хочу получать сообщения | Не хочу ваших смс |
            Удалите мой номер | Удалите меня из списка | Уберите меня из рассылки | Оставьте меня в покое | Отмена |
            Пожалуйста, отпишите меня | Отзываю согласие | Отключите рассылку
        ",
    ),
    (
        "hi",
        "
            बंद | बंद करो | कृपया बंद करें | मैसेज मत भेजो | मुझे मैसेज मत भेजो | मैसेज भेजना बंद करो |
            मुझे और मैसेज नहीं चाहिए | मेरा नंबर हटाओ | परेशान मत करो | स्टॉप | रोको | band karo | msg mat bhejo |
            mujhe message mat bhejo | band karo yeh sab | please msg mat karo
        ",
    ),
    (
        "zh",
        "
            退订 | 退訂 | 我要退订 | 请帮我退订，谢谢 | 取消订阅 | 不要再发了 | 不要再給我發訊息 | 别再发短信了 | 请不要再发短信给我 | 停止 | 停止发送 | 请停止 | 拒收 | TD |
            td退订 | 回复TD | 我不想再收到你们的短信 | 把我从名单中删除 | 请删除我的号码 | 別再傳了 | 不要打扰我 | 请勿打扰 | 取消
        ",
    ),
    (
        "ja",
        "
            停止 | 配信停止 | 配信停止してください | 配信を停止してください | 停止お願いします | やめてください | もう送らないでください | 送らないで | 解除 | 登録解除希望 | 退会します |
            メールをやめてください | 受け取りたくありません | リストから削除してください | ストップ | 連絡しないでください | もう連絡してこないで | 配信停止をお願いします
        ",
    ),
    (
        "ko",
        "
            수신거부 | 수신 거부 | 수신거부 부탁드립니다 | 그만 | 그만 보내세요 | 문자 그만 보내세요 | 보내지 마세요 | 문자 보내지 마세요 | 중지 | 중지해 주세요 | 구독 취소 |
            해지 부탁합니다 | 연락하지 마세요 | 더 이상 문자 보내지 마세요 | 받고 싶지 않아요 | 제 번호 삭제해 주세요 | 명단에서 빼 주세요 | 스탑
        ",
    ),
];

/// The number belongs to somebody else.
const WRONG_NUMBERS: &str = "
    mauvais numéro | Vous avez le mauvais numéro | Vous vous trompez de numéro | Número equivocado |
    Está equivocado de número | se equivocó de número | Persona equivocada | Número errado | Pessoa errada |
    Falsche Nummer | falsch verbunden | Sie haben die falsche Nummer | Numero sbagliato | ha sbagliato numero |
    Verkeerd nummer | Forkert nummer | Feil nummer | Fel nummer | Väärä numero | Rangt númer | Vitlaust númer |
    Zły numer | Pomyłka | To pomyłka | Špatné číslo | Máte špatné číslo | Yanlış numara | Не тот номер |
    Вы ошиблись номером | गलत नंबर | galat number | 打错电话了 | 你发错人了 | 號碼錯誤 | 番号違いです | 電話番号が違います | 잘못 보내셨어요 | 번호가 틀렸어요 |
    Numéro erroné | 人違いです
";

/// What an opt-out was meant to cover.
const CLARIFICATIONS: &str = "
    just marketing | Only marketing | marketing only | only offers | just the promotions | all | All of them |
    all messages | yes all | everything | Nur Werbung | todos | tous | solo publicidad | uniquement la publicité |
    仅广告 | すべて | 광고만
";

const HELP: &str = "
    HELP | help please | Help! | info | Ayuda | ayuda por favor | Aide | ajuda | Hilfe | aiuto | hulp | hjälp |
    Hjelp | hjælp | apua | hjálp | pomoc | nápověda | yardım | помощь | मदद | 帮助 | ヘルプ | 도움말
";

const OPT_INS: &str = "
    START | Unstop | opt in | Opt-in | subscribe | resubscribe | alta | suscribirme | Старт | 开始 | anmelden
";

/// Ordinary replies with the words of opt-outs in them, or with what looks like them.
const ORDINARY: &str = "
    Ne t'arrête pas | Je n'arrête pas de t'écrire | Il arrête de m'écrire | l'arrêt de bus | Je m'arrête au magasin |
    J'ai plus de batterie | plus de pain | Merci | D'accord | Oui | non | Qui est-ce ? | Qui ? | bonne nuit | huit |
    À quelle heure fermez-vous ? | annuler mon rendez-vous de demain | Je voudrais annuler ma commande | fin |
    No puedo hoy | para mañana | Para dos personas por favor | está más alto | Más tarde |
    cancelar mi cita de mañana | quiero cancelar mi reserva | ¿Quién es? | gracias | no | sí | Paré en la tienda |
    paré | cancelé | No dejes de escribirme | alto ahí amigo, ¿cómo estás? | la parada del bus |
    ¿a qué hora cierran? | Não posso hoje | para amanhã | cancelar minha consulta | obrigado | quero duas pizzas |
    sair às 8 | Ende der Woche | am Ende | Termin absagen bitte | Ich komme zu spät | Wann hört der Regen auf? |
    Ich muss mich beeilen | Danke | nein danke | Die Haltestelle | Hör nicht auf zu träumen | fine settimana |
    alla fine | grazie | va bene | domani | basta che mi dici | Tot morgen | bedankt | Tak | Hej | Vi ses | bra |
    kiitos | Hyvä | dziękuję | do zobaczenia | ja | Kiedy? | přijdu zítra | Teşekkürler | Son durak nerede? |
    Спасибо | Хорошо | Когда вы открываетесь? | Остановка автобуса | не пишите на стене | धन्यवाद | ठीक है | कब | 谢谢 |
    好的 | 不要辣 | 停车场在哪里 | 公交车站 | 我要取消明天的预约 | ありがとう | わかりました | 停車場 | 予約をキャンセルしたいです | バス停 | 네 | 감사합니다 | 예약 취소하고 싶어요 |
    버스 정류장 | 언제 열어요 | 정보통신
";

#[test]
fn opt_outs_are_understood_in_every_language() {
    for (language, rows) in OPT_OUTS {
        assert!(rows.split('|').count() > 10, "{language}");
        each_of(Meaning::OptOut, rows);
    }
}

#[test]
fn so_is_everything_else() {
    each_of(Meaning::WrongNumber, WRONG_NUMBERS);
    each_of(Meaning::Clarification, CLARIFICATIONS);
    each_of(Meaning::Help, HELP);
    each_of(Meaning::OptIn, OPT_INS);
    each_of(Meaning::Ordinary, ORDINARY);
}
