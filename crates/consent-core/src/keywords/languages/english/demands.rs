//! English phrases that leave no doubt, after the lists that senders publish and the plain language of
//! 47 CFR 64.1200(a)(10).

/// Words that phrases use interchangeably.
pub(super) const CLASSES: &[(&str, &str)] = &[
    ("stop", "stop stopp stahp quit cease discontinue halt"),
    ("dont", "dont donot dnt donut never not dun dnot doont"),
    (
        "text",
        "text txt texts message messages messege msg mssg contact contacting email texting messaging spam solicit \
         harass pester disturb notify bug txting reach",
    ),
    (
        "texting",
        "texting txting textin texing texitng texring txtin texting messaging messagin messging mesaging massaging \
         msging msgin msg message text txt texts messages contacting contactin contact spamming spaming spam bothering \
         harassing harrassing harass soliciting pestering bugging emailing annoying disturbing notifying hounding \
         bombarding badgering blasting",
    ),
    ("sending", "sending sendin send sendind sedning snding"),
    ("calling", "calling callin call phoning ringing"),
    ("me", "me us mee"),
    ("again", "again anymore anymor anymoe nomore"),
    ("number", "number num numbr phone cell cellphone cel line mobile"),
    (
        "msgs",
        "texts text messages message messeges msgs msg txts txt sms smses spam ads advertisements emails notifications \
         alerts solicitations solicitation promotions promos promotional marketing advertising adverts texting \
         messaging communications communication correspondence contact",
    ),
    (
        "texts",
        "texts text messages message messeges msgs msg txts txt sms smses spam ads advertisements emails notifications \
         alerts solicitations solicitation promotions promos promotional marketing advertising adverts texting \
         messaging communications communication correspondence contact contacting crap shit bullshit bs junk garbage \
         nonsense stuff campaign offers updates newsletters newsletter service",
    ),
    ("texted", "texted txted contacted messaged msged emailed spammed called bothered solicited harassed notified"),
    (
        "insult",
        "jerk jerks idiot idiots moron morons asshole assholes ass bitch bitches loser losers scammer scammers spammer \
         spammers creep creeps motherfucker motherfuckers fucker fuckers cunt cunts prick pricks bastard bastards \
         dickhead dickheads dick dicks fool fools clown clowns freak freaks pig pigs",
    ),
    ("count", "multiple several many three two four five 3 4 5 10 100 hundred thousand numerous"),
    ("these", "these this those thse the your ur yor all any such that future further more anymore unwanted"),
    ("list", "list lists database contacts rolodex directory registry thread chat distribution"),
    ("remove", "remove delete erase exclude unsubscribe scrub purge unlist removed romove remov"),
    ("unsub", "unsubscribe unsub unsubscribed unsubscribing unscribe unsuscribe unsubcribe unsubscrib unsubs optout"),
    ("you", "you u ya yall youse"),
    ("receive", "receive recieve receiving recieving get getting"),
    ("want", "want wanna wish need care wants like"),
    ("told", "told asked tell telling asking said ask begging begged requested want wanted need needed like"),
];

/// A demand after these words is none: "don't stop texting me", "you never text me", "I wish he would stop".
pub(super) const UNSAID_AFTER: &str = "dont donot not never cant cannot couldnt wont wouldnt didnt doesnt isnt arent \
                                       aint shouldnt non without nor wasnt \
     havent hasnt he she they it who people everyone everybody nobody somebody someone him her them his that \
     which if when why y once will would did does has have had having got gets to youd hed shed theyd \
     youre hes shes theyre ull youll ill until till before after since because should could may might must always \
     gonna wanna gotta theres there";

/// So it is after these at the beginning of a sentence, or after one of [`UNSAID_AFTER`].
pub(super) const UNSAID_AFTER_YOU: &str = "you u ya yall guys";

/// A demand before these words may be smaller than it looks.
pub(super) const NARROWED_BY: &str = "while when until till unless if before after so back yet at about during except \
                                      because on between like for in \
     that how why what then later tomorrow tonight first";

/// Unless a word of [`UNSAID_AFTER`] stands before them.
pub(super) const DEMANDS: &[&str] = &[
    "<stop> [*] [*] <texting> <me>",
    "<stop> * <msgs>",
    "<stop> <texting> <again>",
    "<stop> <texting> and|or <calling>",
    "<stop> <calling> and|or <texting>",
    "<stop> <texting> [to] my|this|our|these [cell] <number>",
    "<stop> texting|messaging|msging|txting|textin|contacting|spamming $",
    "<stop> [all] [of] [<these>] <texts>",
    "<stop> [all] [of] <these> * <texts>",
    "<stop> <sending>",
    "<stop> <sending> * * <texts>",
    "<stop> <calling> <me> $",
    "<stop> <calling> <me> <again>",
    "<stop> <calling> [to] my|this|our [cell] <number>",
    "<stop> hitting|hittin <me> up",
    "<stop> hitting|hittin my <number>|up",
    "<stop> reaching out",
    "<stop> soliciting|reaching $",
    "<stop> blowing up my|our",
    "<stop> blowing <me> up",
    "<stop> blowing my|our phone up",
    "<stop> using my|this|our <number>",
    "<stop> all",
    "^ stop i|we [do] dont|not know|want|need|care|live",
    "^ stop i|we never|didnt|did|already|voted",
    "^ stop im|i [am] not",
    "^ stop not interested|me",
    "^ stop who is|are|the|r|dis|this|tf",
    "^ stop [<you>] [have|got] [the|a] wrong",
    "^ stop [immediately|now|asap|or] or|before i|ill|we|else|im",
    "^ stop with|doing this|these|the|your|all <texts>",
    "end all|these|this|the|your|my <texts>",
    "end [my|the|this|your] subscription|enrollment",
    "end texting|texts|messages|msgs|sms|messaging [me]",
    "cancel|terminate|discontinue|deactivate [all] [of] [my|the|this|these|all|your] \
     <msgs>|subscription|subscriptions|subcription|enrollment",
    "cancel|terminate|discontinue [all] [of] [my|the|this|these|all|your] text|texting|sms|message|messaging|phone \
     subscription|service|alerts|messages|program|club|list",
    "<dont> <text> <me>",
    "<dont> <text> <again>",
    "<dont> <text> or|and <calling>",
    "<dont> <calling> or|and <text>",
    "<dont> <text> [to] my|this|our [cell] <number>",
    "<dont> <text> here",
    "<dont> <sending> <me> [any] <texts>",
    "<dont> <sending> <me> <these>|any|anything|nothing|no|more|again [more] [<texts>]",
    "<dont> <sending> any|anymore|more|nothing|no [more] <texts>",
    "<dont> <sending> <texts>",
    "<dont> <sending> <these> <texts>",
    "<dont> <sending> anything|nothing <again>",
    "<dont> <sending> anything|nothing else",
    "<dont> <sending> this|these|them|it to <me>",
    "<dont> <sending> to my|this|our [cell] <number>",
    "<dont> call <me> <again>",
    "<dont> call <me> any more",
    "<dont> call my|this|our [cell] <number> [again]",
    "<dont> bother <texting>|<calling>|<sending>",
    "<dont> reach out [to] [<me>] [<again>] $",
    "<dont> bother|bothering <me> $",
    "<dont> bother|bothering <me> <again>",
    "<dont> want any|no <again>|more",
    "<remove> <me>",
    "<remove> my|this|our|the [cell|phone|mobile] <number>|name|info|information|contact",
    "<remove> <number>|name [from]",
    "<remove> from [your|ur|the|this|all] [call|calling|text|mailing|contact|phone] <list>",
    "turn|shut|switch off [all] [of] [<these>] <msgs>",
    "turn|shut|switch <these> [<msgs>] off",
    "disable [all] [of] [<these>] <msgs>",
    "drop|strike|scratch|cut|cross <me> from [all] [of] [<these>] [*] <list>",
    "take|get|keep|drop|pull|cross|scratch <me> off $",
    "take|get|keep|drop|pull|cross|scratch <me> off [of] [all] [of] [your|ur|the|this|that|these|any] [*] [*] <list>",
    "take|get|keep|leave|let|drop|pull <me> out of [all] [of] your|ur|this|the|these [*] [*] <list>|system",
    "take|get|keep [my|this|our|the] [cell|phone] [name] [and] name|<number> off|out [of]",
    "take off [of] your|ur|the|this [*] <list>",
    "lose|loose|forget|trash|burn|ditch my|this|our [phone|cell] number|num|contact|info",
    "block my|this|our <number>",
    "opt <me> out",
    "opt out",
    "opting out",
    "opt my|this <number> out",
    "optout",
    "<unsub>",
    "un subscribe|sub",
    "cease and desist",
    "cease all [further|future] <msgs>",
    "no more [*] <msgs>",
    "no more calls|calling",
    "no more text|sms|marketing|promotional|phone <msgs>",
    "no further <msgs>",
    "no more of this|these|your|that",
    "refrain from <texting>|<calling>|<sending>",
    "leave <me> alone|be",
    "leave <me> the fuck|hell alone",
    "leave my|this|our <number> alone",
    "get off my <number>",
    "consent withdrawn|revoked",
    "what part of stop|no|unsubscribe",
    "fuck off $",
    "revoke|revoking|withdraw|withdrawing|rescind [my|all|any] [prior] [previous] consent|permission|authorization",
    "<dont> consent|authorize",
    "<dont> give you|u [my] permission|consent",
    "lose this <number>",
];

/// Whatever stands before them.
pub(super) const WISHES: &[&str] = &[
    "<dont> have my|our permission|consent|authorization",
    "<dont> have [any] permission|consent|authorization to <text>",
    "^ <you> [guys|people|all|better] <stop> <texting>|<sending>",
    "been|were|was told|asked to stop $",
    "<told> <these> [<msgs>] to end|stop $",
    "i|we opt|opting out",
    "i|ive|we [have] [already] [been] opted out",
    "have [already] unsubscribed",
    "keep|kept|keeps saying|telling|texting|sending|asking [<you>] [to] stop",
    "may|can|could i [be] removed|deleted|unsubscribed|taken $",
    "may|can|could i be removed|deleted|unsubscribed|taken off|from [of] [<these>] [*] <list>",
    "i|we|id|ill [do] <dont> want|wish|need|care [to] [receive|get|have] [any] [more] [of] [<these>] <msgs>",
    "i|we [do] <dont> want|need <these>|any|your <msgs>",
    "^ [do] <dont> want [any] [more] [of] [<these>] <msgs>",
    "^ [do] <dont> want these|this|them [anymore] $",
    "i|we [do] <dont> want|like <these> <again>",
    "i|we [do] <dont> want|wish|wanna|care|like to <receive> [any] [more] [of] [<these>] <msgs>",
    "i|we [do] <dont> want|wish|wanna|care|like to <receive> this|these|them|anymore [anymore] $",
    "^ [do] <dont> want|wish|wanna|care|like to <receive> [any] [more] [of] [<these>] <msgs>",
    "<dont> want|wish|like to be <texted>|bothered|called",
    "<dont> want|wish|like being <texted>|bothered",
    "<dont> want [to] hear from [any] [of] <you>",
    "no longer want|wish|care|interested [in] [to] [be] [get|receive|receiving|getting] [these|this|your|any] \
     <msgs>|contacted|texted|messaged",
    "no longer want|wish to|be receive|participate|get|part|on|contacted",
    "no longer want these|this|them|your",
    "want|wanna|like|love|wish|need|trying|try|tried|prefer|how|asked|please|able|can|could|way|do|did|going|used|\
     where|to|already [i|we|you] [to] <unsub>",
    "want|wanna|like|love|wish|need|trying|tried|how|asked|please|way|can|do|did|choose|choosing|chose|elect|already \
     [i|we|you] [to] [be] opt|opted [me] out",
    "want|wanna|like|love|wish|need|trying|tried|how|asked|way|do|can|could|prefer [i|we] [to] [be] [get] \
     taken|removed|deleted|remove|removing|off [from] [off] [me] [my] [name|number] [of|from|off] \
     [your|the|this|ur|all|these] [call|calling|text|mailing|contact|phone] <list>",
    "want|like|wish|need|prefer to be left alone",
    "want|like|wish|need|love|prefer|how|can|do|asked [i|we] [to] [be] remove|removed|deleted $",
    "want|wanna|like|love|wish|need|trying|how|way|asked|do|can|make [i|we|you] [to] \
     stop|end|cancel|discontinue|block [getting|receiving|recieving] [all] [of] [<these>] <msgs>",
    "want|wanna|like|love|wish|need|trying|how|way|asked|do|can [i|we|you] [to] stop getting|receiving|recieving",
    "how [do|can] [i|we] [get] [to] [you] to stop $",
    "how [do|can] [i|we|you] <stop> [this|these|it] $",
    "<told> <you> [guys|people|all] [already] [to] <stop> $",
    "<told> <you> [guys|people|all] [already] [to] <stop> <texting>|<sending>|<calling>|this|it|these",
    "<told> this|these|it [<msgs>] to <stop> $",
    "want this|these|it [<msgs>] stopped",
    "i|ive|we [have|already|just] [already] said|say|saying|texted|sent|replied|typed stop|quit|unsubscribe|cancel|end \
     [already|before|again] $",
    "can|could|will|would|wont|cant|should|must <you> [guys|people|all] [just] <stop> $",
    "can|could|will|would|wont|cant|should|must <you> [guys|people|all] [just] <stop> <texting>|<sending>",
    "can|could|will|would|wont|cant|should <you> [just] not <text> <me>",
    "<you> [guys|people|all] need|needs|have to <stop> <texting>|<sending>",
    "<you> [guys|people|all] need|needs|have to <stop> $",
    "<you> need|have to remove|delete <me>",
    "rather|prefer <you> <dont> <text>",
    "make it|this|them|these stop $",
    "how [do|can] [i|we] get off [of] [your|ur|the|this|these]",
    "how [do|can] [i|we] get [my|this] [name|number] off",
    "do not call|contact|text|solicit list|registry",
    "donotcall list|registry",
    "dnc list|registry",
    "put|add <me>|my|this [number] on|to [your|ur|the] [internal] do not",
];
