const data = JSON.parse(document.getElementById("data").textContent);
document.getElementById("report").textContent = data.result.question;
